import { expect, it } from 'vitest';
import { refuseWrongOverride } from '../../../../src/app/up/override-check.ts';
import { ApictlError, EXIT } from '../../../../src/core/errors.ts';

/** What Compose was asked, with these files; it refuses where `refusal` is given. */
async function asked(files: readonly string[], refusal?: ApictlError) {
  const calls: (readonly string[])[] = [];
  const compose = {
    run: async (_target: unknown, argv: readonly string[]) => {
      calls.push(argv);
      if (refusal !== undefined) throw refusal;
      return { stdout: '', stderr: '' };
    },
  };
  const target = { project: 'shop', files, folder: '/shop/.apictl' };
  const { signal } = new AbortController();
  return { calls, done: refuseWrongOverride(compose, target, { fd: 9 }, signal) };
}

const RENDERED = '/shop/.apictl/compose.yaml';
const OVERRIDE = '/shop/compose.override.yaml';

it('has Compose read an override, and lets through what it says of it', async () => {
  const refusal = new ApictlError({
    code: 'OVERRIDE_INVALID',
    exitCode: EXIT.usage,
    message: 'compose.override.yaml: services.kong: Compose knows no key "environmnt"',
  });
  const { calls, done } = await asked([RENDERED, OVERRIDE], refusal);
  await expect(done).rejects.toBe(refusal);
  expect(calls).toEqual([['config', '--quiet']]);
});

it('costs nothing where there is no override', async () => {
  const { calls, done } = await asked([RENDERED]);
  await done;
  expect(calls).toEqual([]);
});
