import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { adminClient } from '../../../src/kong/admin/client.ts';
import { addKeyBeside, hasKey, removeKey } from '../../../src/kong/consumer-keys.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { fakeKong } from '../../fakes/fake-kong.ts';
import { PACKAGED, PARTNER_KEY, seed } from '../../fakes/seed-run.ts';

const old = new Secret(PARTNER_KEY);
const next = new Secret('the-next-key-of-the-partner');

async function seeded() {
  const kong = fakeKong();
  await seed(kong, PACKAGED);
  kong.forgetRequests();
  const client = adminClient({
    http: kong.http,
    clock: fakeClock(),
    admin: { url: 'http://127.0.0.1:8001' },
  });
  const keys = () =>
    kong
      .entities('key-auths')
      .map(({ key }) => key)
      .sort();
  return { kong, client, keys };
}

describe('a second key of a consumer', () => {
  it('opens beside the first, with its consumer and tags, until that is taken away', async () => {
    const { kong, client, keys } = await seeded();
    await addKeyBeside(client, old, next);
    expect(keys()).toEqual([PARTNER_KEY, next.reveal()]);
    const [one, other] = kong.entities('key-auths');
    expect([other?.consumer, other?.tags]).toEqual([one?.consumer, one?.tags]);
    await removeKey(client, old);
    expect(keys()).toEqual([next.reveal()]);
  });

  it('is added and removed once, however often it is asked for', async () => {
    const { kong, client, keys } = await seeded();
    for (let turn = 0; turn < 2; turn += 1) await addKeyBeside(client, old, next);
    for (let turn = 0; turn < 2; turn += 1) await removeKey(client, old);
    expect(keys()).toEqual([next.reveal()]);
    expect(kong.writes()).toHaveLength(2);
  });

  it('is what the next seed finds declared: it changes nothing', async () => {
    const { kong, client } = await seeded();
    await addKeyBeside(client, old, next);
    await removeKey(client, old);
    kong.forgetRequests();
    const secret = async (name: string) => (name === 'partner-api-key' ? next : undefined);
    await seed(kong, PACKAGED, { placeholders: { environment: {}, secret } });
    expect(kong.writes()).toEqual([]);
  });

  it('is of no use where nobody has the first', async () => {
    const { client, keys } = await seeded();
    await addKeyBeside(client, new Secret('unknown'), next);
    expect([keys(), await hasKey(client, next)]).toEqual([[PARTNER_KEY], false]);
  });

  it('stands in no address that Kong would write into its log', async () => {
    const { kong, client } = await seeded();
    await addKeyBeside(client, old, next);
    await removeKey(client, old);
    expect(kong.requests.join('\n')).not.toMatch(new RegExp(`${PARTNER_KEY}|${next.reveal()}`));
  });
});
