import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { sampleIn } from '../../../../src/app/smoke/sample.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { declaredOf } from '../../../../src/kong/seed.ts';
import { SAMPLE } from '../../../../src/smoke/model.ts';

/** The packaged declaration, changed as somebody may change it. */
async function sampleOf(change: (text: string) => string): Promise<string[]> {
  const packaged = await readFile(new URL('../../../../kong/kong.yaml', import.meta.url), 'utf8');
  const text = change(packaged);
  if (text === packaged && change !== same) throw new Error('nothing was changed');
  const declared = await declaredOf({
    files: [{ path: 'kong/kong.yaml', text }],
    placeholders: { environment: {}, secret: async () => new Secret('a key') },
    stack: { upstreams: { backend: { targets: ['backend-1:8000'], healthPath: '/healthz/ready' } } },
  });
  return [...sampleIn(declared)];
}

const same = (text: string): string => text;
const without = (...gone: readonly string[]): string[] => SAMPLE.filter((name) => !gone.includes(name));

it('is all of it in the packaged declaration', async () => {
  expect(await sampleOf(same)).toEqual([...SAMPLE]);
});

it('is without a route that has another path, and without what is on it', async () => {
  expect(await sampleOf((text) => text.replace('paths: [/api]', 'paths: [/shop]'))).toEqual(
    without(...SAMPLE.filter((name) => name.endsWith(' api'))),
  );
});

it('is without a plugin that was taken off or switched off', async () => {
  expect(
    await sampleOf((text) => text.replace('name: key-auth', 'name: key-auth\n            enabled: false')),
  ).toEqual(without('key-auth on partner'));
  expect(
    await sampleOf((text) =>
      text
        .replace('- name: correlation-id', '- name: request-size-limiting')
        .replace(/config:\n\s+header_name.*\n.*\n.*\n/, ''),
    ),
  ).toEqual(without('correlation-id on api'));
});
