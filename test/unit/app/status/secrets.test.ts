import { describe, expect, it } from 'vitest';
import { secretWarnings } from '../../../../src/app/status/secrets.ts';
import type { World } from '../../../../src/app/world.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { secretsOf } from '../../../../src/secrets/model.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

const project = { root: '/srv', config: configSchema.parse({}), dotenv: {} };
const values = '/srv/secrets/values';
const whole = Object.fromEntries(
  secretsOf(project.config).map(({ name }) => [`${values}/${name}`, `the value of ${name}`]),
);
const journal = '/srv/.apictl/journal/rotation.json';

const warnings = (files: Readonly<Record<string, string>>) =>
  secretWarnings(
    { files: memoryFiles(files), engine: { volumes: async () => [] } } as unknown as World,
    project,
  );

describe('what status says of secrets', () => {
  it('is nothing where every file is there and no rotation was begun', async () => {
    expect(await warnings(whole)).toEqual([]);
  });

  it.each([
    ['before its value is in its place', { [`${values}/postgres-password.next`]: 'begun and not finished' }],
    ['before its readers have the value', { [journal]: '{"secrets":["postgres-password"]}' }],
  ])('names a rotation that was broken off %s, and what finishes it', async (_moment, left) => {
    expect(await warnings({ ...whole, ...left })).toEqual([
      'secret postgres-password has a rotation that was broken off, or is under way just now. Say "apictl up" or "apictl secrets rotate postgres-password": either finishes it.',
    ]);
  });
});
