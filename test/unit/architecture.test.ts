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
  adapters: ['core'],
  app: ['core', 'config', 'stack', 'kong', 'secrets', 'certs', 'diagnosis', 'logs', 'smoke'],
  cli: ['app', 'core', 'config', 'stack', 'kong', 'secrets', 'certs', 'diagnosis', 'logs', 'smoke'],
};

/** Modules through which a program acts; only adapters and main.ts may. */
const ACTING = /^(dockerode|execa|undici|node:(fs|child_process|net|http|https)(\/promises)?)$/;

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const imports = files.flatMap((path) =>
  [...readFileSync(join(src, path), 'utf8').matchAll(/^(?:import|export)[^'"]*?from '([^']+)'/gms)].map(
    ([, target = '']) => ({
      path,
      folder: path.split('/')[0] ?? '',
      target,
    }),
  ),
);

it('every folder imports only what it may know', () => {
  const wrong = imports.filter(({ path, folder, target }) => {
    if (!target.startsWith('.') || path === 'main.ts') return false;
    const to = relative(src, normalize(join(src, dirname(path), target))).split('/')[0] ?? '';
    return to !== folder && !(ALLOWED[folder] ?? []).includes(to);
  });
  expect(wrong).toEqual([]);
});

it('only adapters act on the world', () => {
  const wrong = imports.filter(
    ({ path, folder, target }) => ACTING.test(target) && folder !== 'adapters' && path !== 'main.ts',
  );
  expect(wrong).toEqual([]);
});

it('there are no barrels', () => {
  expect(files.filter((path) => path.endsWith('index.ts'))).toEqual([]);
});
