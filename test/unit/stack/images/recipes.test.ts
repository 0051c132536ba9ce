import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../../src/config/schema.ts';
import { EMBEDDED_POSTGRES_MAJOR, recipesFor } from '../../../../src/stack/images/recipes.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const recipes = (flavour: 'official' | 'embedded', config: object = {}) =>
  recipesFor({ flavour, config: configSchema.parse(config), projectRoot: '/srv/shop' });
const names = (...given: Parameters<typeof recipes>) => recipes(...given).map(({ name }) => name);

describe('the recipes', () => {
  it('of the embedded flavour stand on one base, which comes first', () => {
    const [debian, platform, ...rest] = recipes('embedded');
    expect([debian?.name, platform?.name]).toEqual(['debian', 'platform']);
    for (const { base } of rest) expect(base).toEqual({ kind: 'image', name: 'platform' });
  });

  it('of the official flavour are what no registry has, on the configured bases', () => {
    const versions = { python: '3.13-slim', node: '24-slim' };
    expect(recipes('official', { versions }).map(({ name, base }) => [name, base])).toEqual([
      ['logging', { kind: 'published', reference: 'node:24-slim' }],
      ['backend', { kind: 'published', reference: 'python:3.13-slim' }],
    ]);
  });

  it.each(['official', 'embedded'] as const)(
    'of the %s flavour name Dockerfiles that take their base as an argument',
    (flavour) => {
      for (const { name, dockerfile, base } of recipes(flavour)) {
        if (dockerfile === null) continue;
        const text = readFileSync(`${root}${dockerfile}`, 'utf8');
        expect([name, base.kind, text]).toEqual([
          name,
          expect.not.stringMatching('nothing'),
          expect.stringMatching(/^ARG BASE\b[\s\S]*^FROM \$\{BASE\}$/m),
        ]);
        // The engine's classic builder knows none of these.
        expect(text).not.toMatch(/RUN --mount|<<-?\s*['"]?[A-Z]+|COPY --chmod|COPY --link/);
      }
    },
  );

  it('take from the repository only what is there', () => {
    for (const { context } of recipes('embedded'))
      for (const { from, madeBy } of context)
        if (madeBy === undefined) expect([from, existsSync(root + from)]).toEqual([from, true]);
  });

  it('install the PostgreSQL that the volumes are named after', () => {
    const packages = readFileSync(`${root}compose/images/platform/packages`, 'utf8').split('\n');
    expect(packages).toContain(`postgresql-${EMBEDDED_POSTGRES_MAJOR}`);
    const fragment = readFileSync(`${root}compose/fragments/postgres.yaml`, 'utf8');
    expect(fragment).toContain(`postgres-data-${EMBEDDED_POSTGRES_MAJOR}-embedded`);
  });

  it('build no backend where the user names an image', () => {
    expect(names('embedded', { backends: { image: 'shop/api:1' } })).not.toContain('backend');
    expect(names('official', { backends: { image: 'shop/api:1' } })).toEqual(['logging']);
  });

  it.each([
    ['api', 'Dockerfile', '/srv/shop/api', '/srv/shop/api/Dockerfile'],
    ['.', 'docker/api.Dockerfile', '/srv/shop/', '/srv/shop//docker/api.Dockerfile'],
    ['/elsewhere/api', './Dockerfile', '/elsewhere/api', '/elsewhere/api/Dockerfile'],
  ])('build the user’s own backend from %s', (context, dockerfile, folder, path) => {
    const config = { backends: { build: { context, dockerfile, args: { MODE: 'slim' } } } };
    const own = recipes('embedded', config).at(-1);
    expect(own).toMatchObject({
      name: 'backend',
      base: { kind: 'nothing' },
      buildArgs: { MODE: 'slim' },
      keepsModes: true,
    });
    expect(own?.context[0]?.from.replace(/\/$/, '')).toBe(folder.replace(/\/$/, ''));
    expect(own?.dockerfile?.replace('//', '/')).toBe(path.replace('//', '/'));
  });
});
