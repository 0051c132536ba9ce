import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** What the product is about; a subject knows no other subject. */
const SUBJECTS = [
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
] as const;

/** Who may import whom: cli -> app -> subjects -> core <- adapters. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ['core'],
  ...Object.fromEntries(SUBJECTS.map((subject) => [subject, ['core', 'config']])),
  adapters: ['core'],
  app: ['core', 'config', ...SUBJECTS],
  cli: ['app', 'core', 'config', ...SUBJECTS],
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
