import { describe, expect, it } from 'vitest';
import { overrideRefusal } from '../../../src/adapters/override-refusal.ts';

const refused = (said: string) => overrideRefusal(`time="x" level=warning\n${said}\n`);

describe('what Compose refuses of compose.override.yaml', () => {
  it('is an error of usage that names the file, the service and the key, once', () => {
    const said =
      'validating /shop/compose.override.yaml: services.kong Additional property environmnt is not allowed';
    expect(refused(said)).toMatchObject({
      code: 'OVERRIDE_INVALID',
      exitCode: 64,
      object: '/shop/compose.override.yaml',
      message: 'compose.override.yaml: services.kong: Compose knows no key "environmnt"',
      details: [],
    });
  });

  it('is told in the words of Compose where it is another complaint', () => {
    expect(
      refused('validating /shop/compose.override.yaml: services.kong.cpus must be a number')?.message,
    ).toBe('compose.override.yaml: services.kong.cpus must be a number');
  });

  it.each([
    'validating /shop/.apictl/compose.yaml: services.kong Additional property x is not allowed',
    'Error response from daemon: network not found',
  ])('is not taken for anything else: %s', (said) => {
    expect(refused(said)).toBeUndefined();
  });
});
