import { expect, it } from 'vitest';
import { refuseWrongOverride } from '../../../../src/app/up/override-check.ts';
import type { World } from '../../../../src/app/world.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { ApictlError, EXIT } from '../../../../src/core/errors.ts';
import type { ComposeTarget } from '../../../../src/core/ports/compose.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

const OVERRIDE = '/shop/compose.override.yaml';
const RUNNING = '/shop/.apictl/compose.yaml';
const drawn = { files: [{ path: 'compose.yaml', content: 'drawn anew', mode: 0o644 }] };

/** A project whose rendered file is that of the stack that runs; Compose refuses where `refusal` is given. */
async function asked(given: Readonly<Record<string, string>>, refusal?: ApictlError) {
  const files = memoryFiles({ [RUNNING]: 'that runs', ...given });
  const calls: {
    readonly argv: readonly string[];
    readonly target: ComposeTarget;
    readonly texts: unknown;
  }[] = [];
  const compose = {
    run: async (target: ComposeTarget, argv: readonly string[]) => {
      const texts = await Promise.all(target.files.map(async (path) => (await files.read(path))?.toString()));
      calls.push({ argv, target, texts });
      if (refusal !== undefined) throw refusal;
      return { stdout: '', stderr: '' };
    },
  };
  const world = { files, compose, signal: new AbortController().signal } as unknown as World;
  const project = { root: '/shop', config: configSchema.parse({}), dotenv: {} };
  return { files, calls, done: refuseWrongOverride(world, project, drawn) };
}

it('has Compose read an override with what would be rendered, lets through what it says of it, and leaves no file', async () => {
  const refusal = new ApictlError({
    code: 'OVERRIDE_INVALID',
    exitCode: EXIT.usage,
    message: 'compose.override.yaml: services.kong: Compose knows no key "environmnt"',
  });
  const { files, calls, done } = await asked({ [OVERRIDE]: 'of the user' }, refusal);
  await expect(done).rejects.toBe(refusal);
  expect(calls).toMatchObject([
    {
      argv: ['config', '--quiet'],
      target: { folder: '/shop/.apictl' },
      texts: ['drawn anew', 'of the user'],
    },
  ]);
  expect([...files.content.keys()].sort()).toEqual([RUNNING, OVERRIDE].sort());
  expect(files.content.get(RUNNING)?.toString()).toBe('that runs');
});

it('costs nothing where there is no override', async () => {
  const { calls, done } = await asked({});
  await done;
  expect(calls).toEqual([]);
});
