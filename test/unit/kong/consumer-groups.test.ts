import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { seedDump } from '../../../src/kong/dump.ts';
import { type FakeKong, fakeKong } from '../../fakes/fake-kong.ts';
import { declaring, failure, seed, seedInput } from '../../fakes/seed-run.ts';

/** Consumer groups of a Kong that has them: the groups, who is in them, and the plugins on them. */

const both = declaring(`
consumers:
  - { username: a, groups: [{ name: gold }, { name: silver }] }
  - { custom_id: b-1 }
consumer_groups:
  - name: gold
    consumers: [{ username: a }, { custom_id: b-1 }]
    plugins: [{ name: rate-limiting, config: { minute: 5 } }]
  - name: silver
`);

const enterprise = () => fakeKong({ consumerGroups: true });

/** `<group> <consumer>` */
function membersOf(kong: FakeKong): readonly string[] {
  const names = new Map(
    ['consumer_groups', 'consumers'].flatMap((collection) =>
      kong
        .entities(collection)
        .map(({ id, name, username, custom_id }) => [id, name ?? username ?? custom_id]),
    ),
  );
  return kong
    .memberships()
    .map((pair) =>
      pair
        .split(' ')
        .map((id) => names.get(id))
        .join(' '),
    )
    .sort();
}

const told = ({ changes }: { changes: readonly { action: string; kind: string; name: string }[] }) =>
  changes.map(({ action, kind, name }) => `${action} ${kind} ${name}`);

describe('members of consumer groups', () => {
  it('are declared from either end or from both, and are no change the second time', async () => {
    const kong = enterprise();
    const { plan } = await seed(kong, both);
    expect(told(plan)).toEqual([
      'create consumer-group gold',
      'create consumer-group silver',
      'create consumer a',
      'create consumer b-1',
      'create membership a of gold',
      'create membership a of silver',
      'create membership b-1 of gold',
      'create plugin rate-limiting on consumer group gold',
    ]);
    expect(membersOf(kong)).toEqual(['gold a', 'gold b-1', 'silver a']);
    kong.forgetRequests();
    expect((await seed(kong, both)).plan.changes).toEqual([]);
    expect(kong.writes()).toEqual([]);
  });

  it('leave when they are no longer declared, alone or with their group', async () => {
    const kong = enterprise();
    await seed(kong, both);
    const { plan } = await seed(
      kong,
      both.replace(', { name: silver }', '').replace(', { custom_id: b-1 }', ''),
    );
    expect(told(plan)).toEqual(['delete membership b-1 of gold', 'delete membership a of silver']);
    expect(plan.changes[1]).toMatchObject({
      direction: 'only-in-kong',
      within: [{ kind: 'consumer-group', name: 'silver' }],
    });
    expect(membersOf(kong)).toEqual(['gold a']);
    await seed(kong, declaring('consumers: [{ username: a }, { custom_id: b-1 }]'), {
      allowMassDelete: true,
    });
    expect([kong.memberships(), kong.entities('consumer_groups')]).toEqual([[], []]);
  });

  it('that somebody else put in stay, and keep their group from being deleted', async () => {
    const kong = enterprise();
    await seed(kong, both);
    const theirs = kong.put('consumers', { username: 'theirs', tags: ['t'] });
    const gold = kong.entities('consumer_groups').find(({ name }) => name === 'gold');
    const join = { consumer: theirs.id };
    await kong.http.request({
      method: 'POST',
      url: `http://kong.test/consumer_groups/${gold?.id}/consumers`,
      body: JSON.stringify(join),
    });
    expect((await seed(kong, both)).plan.changes).toEqual([]);
    const without = declaring('consumers: [{ username: a }, { custom_id: b-1 }]');
    const error = await failure(seed(kong, without, { allowMassDelete: true }));
    expect(error.code).toBe('SEED_FOREIGN_CHILDREN');
    expect(error.details).toEqual([
      `delete consumer-group gold would take membership ${theirs.id} (${gold?.id} ${theirs.id}) with it`,
    ]);
    expect(membersOf(kong)).toContain('gold theirs');
  });

  it('may be consumers that are not ours, named by their id', async () => {
    const kong = enterprise();
    const theirs = kong.put('consumers', { username: 'theirs', tags: ['t'] });
    const text = declaring(`consumer_groups: [{ name: gold, consumers: [{ id: ${theirs.id} }] }]`);
    await seed(kong, text);
    expect(membersOf(kong)).toEqual(['gold theirs']);
    expect((await seed(kong, text)).plan.changes).toEqual([]);
  });

  it('are known again when their group has lost its tags', async () => {
    const kong = enterprise();
    await seed(kong, both);
    for (const group of kong.entities('consumer_groups'))
      kong.put('consumer_groups', { ...group, tags: null });
    expect(told((await seed(kong, both)).plan)).toEqual([
      'update consumer-group gold',
      'update consumer-group silver',
    ]);
  });

  it('of a group that the file does not declare are told with their line', async () => {
    const text = declaring('consumers:\n  - username: a\n    groups: [{ name: gold }]\n');
    const error = await failure(seed(enterprise(), text));
    expect(error.details).toEqual([
      'kong/kong.yaml:4: membership a of gold refers to consumer-group gold, which the file does not declare',
    ]);
  });

  it('are as they were after each write that fails for good', async () => {
    const wanted = declaring(`
consumers: [{ username: a, groups: [{ name: silver }] }, { custom_id: b-1 }, { username: c, groups: [{ name: gold }] }]
consumer_groups: [{ name: gold, tags: [t] }, { name: silver }]`);
    const clean = enterprise();
    await seed(clean, both);
    const old = JSON.stringify([membersOf(clean), clean.entities('consumer_groups')]);
    const { plan } = await seed(clean, wanted, { allowMassDelete: true });
    expect(plan.changes.length).toBeGreaterThan(4);
    for (let k = 1; k <= plan.changes.length; k += 1) {
      const kong = enterprise();
      await seed(kong, both);
      kong.forgetRequests();
      kong.onRequest = (write) => (write === k ? 'refuse' : undefined);
      const error = await failure(seed(kong, wanted, { allowMassDelete: true }));
      expect(error.code, `write ${k}`).toBe('SEED_UNDONE');
      expect(JSON.stringify([membersOf(kong), kong.entities('consumer_groups')]), `write ${k}`).toBe(old);
    }
  });

  it('are there once when the answer to a write is lost', async () => {
    const count = (await seed(enterprise(), both)).plan.changes.length;
    for (let k = 1; k <= count; k += 1) {
      const kong = enterprise();
      kong.onRequest = (write) => (write === k ? 'reset-after' : undefined);
      await seed(kong, both);
      expect(membersOf(kong), `write ${k}`).toEqual(['gold a', 'gold b-1', 'silver a']);
    }
  });

  it('are dumped as decK writes them, and read again as no change', async () => {
    const kong = enterprise();
    await seed(kong, both);
    const { text, entities } = await seedDump(seedInput(kong, ''));
    expect(parse(text)).toMatchObject({
      consumers: [{ custom_id: 'b-1', groups: [{ name: 'gold' }] }, { username: 'a' }],
      consumer_groups: [
        { name: 'gold', plugins: [{ name: 'rate-limiting', config: { minute: 5 } }] },
        { name: 'silver' },
      ],
    });
    expect(entities).toBe(8);
    expect((await seed(kong, text)).plan.changes).toEqual([]);
  });
});
