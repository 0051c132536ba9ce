import { describe, expect, it } from 'vitest';
import { Sealed } from '../../../../src/kong/model/sealed.ts';
import { secretFinder, withoutSecrets } from '../../../../src/kong/model/secret-texts.ts';

const SECRETS = [
  { config: { keys: [new Sealed('key-of-partner-1'), new Sealed('key-of-partner-22')] } },
  { password: new Sealed('hunter2') },
  { pin: new Sealed('0815') },
];

describe('a text', () => {
  it.each([
    'key-of-partner-1',
    'Bearer key-of-partner-22!',
    'xhunter2',
    'hunter hunter2',
    'key-of-key-of-partner-1',
  ])('%j holds one of the secrets', (text) => {
    expect(secretFinder(SECRETS)(text)).toBe(true);
  });

  it.each(['', 'hunter', 'key-of-partner-2', 'key-of-other-22', 'room 0815'])(
    '%j holds none of the secrets, or only a short one',
    (text) => {
      expect(secretFinder(SECRETS)(text)).toBe(false);
    },
  );

  it('loses its secrets, the short ones where they stand alone', () => {
    const text = withoutSecrets('hunter2 at room 0815, not 08150; key-of-partner-22', SECRETS);
    expect(text).toMatch(/^\[secret\] #\w{8} at room \[secret\] #\w{8}, not 08150; \[secret\] #\w{8}$/);
  });
});
