import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** Who may import whom: cli -> app -> subjects -> core <- adapters. A subject knows no other subject. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ['core'],
  stack: ['core', 'config'],
  kong: ['core', 'config'],
  secrets: ['core', 'config'],
  certs: ['core', 'config'],
  diagnosis: ['core', 'config'],
  logs: ['core', 'config'],
  smoke: ['core', 'config'],
  monitoring: ['core', 'config'],
  elk: ['core', 'config'],
  backup: ['core', 'config'],
  adapters: ['core'],
  app: [
    'core',
    'config',
    'stack',
    'kong',
    'secrets',
    'certs',
    'diagnosis',
    'logs',
    'smoke',
    'monitoring',
    'elk',
    'backup',
  ],
  cli: [
    'app',
    'core',
    'config',
    'stack',
    'kong',
    'secrets',
    'certs',
    'diagnosis',
    'logs',
    'smoke',
    'monitoring',
    'backup',
  ],
};

/** They build what the rest only gets: they know everything. */
const ENTRANCES = ['main.ts', 'assemble.ts', 'real-world.ts', 'library.ts'];

/** Modules through which a program acts; only adapters and the entrances may. */
const ACTING = /^(dockerode|execa|undici|node:(fs|child_process|net|http|https)(\/promises)?)$/;

/** `import ... from '...'`, `export ... from '...'` and `import('...')`. */
const IMPORT = /(?:^(?:import|export)[^'"]*?from |\bimport\()'([^']+)'/gms;

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const imports = files.flatMap((path) =>
  [...readFileSync(join(src, path), 'utf8').matchAll(IMPORT)].map(([, target = '']) => ({
    path,
    folder: path.split('/')[0] ?? '',
    target,
  })),
);

it('every folder imports only what it may know', () => {
  const wrong = imports.filter(({ path, folder, target }) => {
    if (!target.startsWith('.') || ENTRANCES.includes(path)) return false;
    const to = relative(src, normalize(join(src, dirname(path), target))).split('/')[0] ?? '';
    return to !== folder && !(ALLOWED[folder] ?? []).includes(to);
  });
  expect(wrong).toEqual([]);
});

it('only adapters act on the world', () => {
  const wrong = imports.filter(
    ({ path, folder, target }) => ACTING.test(target) && folder !== 'adapters' && !ENTRANCES.includes(path),
  );
  expect(wrong).toEqual([]);
});

it('there are no barrels', () => {
  expect(files.filter((path) => path.endsWith('index.ts'))).toEqual([]);
});
