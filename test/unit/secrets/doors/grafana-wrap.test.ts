import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../../src/core/secret.ts';
import { unwrapDataKey, wrapDataKey } from '../../../../src/secrets/doors/grafana-wrap.ts';

const random = { bytes: (count: number) => randomBytes(count) };
/** What Grafana has made of `grafana` with the key `1234`, in its own tests. */
const WITH_1234 = '4554557841526b5890bc6de55b585571dc23b2bed0b6d15bfc778a85c60801';

describe('a data key of Grafana', () => {
  it.each([
    `${Buffer.from('*YWVzLWNmYg*').toString('hex')}${WITH_1234}`,
    WITH_1234,
    '49473239796e5a6d7317ed0d82bc9776626750d14f8f167a2c28662988101b',
  ])('that Grafana has encrypted is read: %s', (hex) => {
    expect(unwrapDataKey(Buffer.from(hex, 'hex'), new Secret('1234')).toString()).toBe('grafana');
  });

  it('is encrypted in the form that Grafana reads, each time with another salt', () => {
    const dataKey = randomBytes(16);
    const [one, other] = [1, 2].map(() => wrapDataKey(dataKey, new Secret('the next key'), random));
    expect(one?.toString('latin1')).toMatch(/^\*YWVzLWNmYg\*[\w-]{8}/);
    expect(one?.length).toBe(12 + 8 + 16 + 16);
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(false);
    for (const wrapped of [one, other])
      expect(unwrapDataKey(wrapped ?? Buffer.alloc(0), new Secret('the next key'))).toEqual(dataKey);
    expect(unwrapDataKey(one ?? Buffer.alloc(0), new Secret('another key'))).not.toEqual(dataKey);
  });

  it.each([
    ['*YWVzLWdjbQ*and more of it', 'it is encrypted by another algorithm than aes-cfb'],
    ['*YWVzLWNmYg*short', 'it is too short'],
    ['', 'it is too short'],
  ])('of %j is none', (text, message) => {
    expect(() => unwrapDataKey(Buffer.from(text), new Secret('1234'))).toThrow(message);
  });
});
