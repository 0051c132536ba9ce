import { describe, expect, it } from 'vitest';
import { fakeKong } from '../../../fakes/fake-kong.ts';
import { declaring, seed } from '../../../fakes/seed-run.ts';

/** How often Kong is asked about routes of these paths and names. */
async function questionsAbout(...routes: string[]): Promise<number> {
  const kong = fakeKong();
  await seed(kong, declaring(`services: [{ name: s, host: h, routes: [${routes.join(', ')}] }]`));
  return kong.requests.filter((request) => request === 'POST /schemas/routes/validate').length;
}

const plain = '{ name: one, paths: [/one] }';

describe('validation asks once', () => {
  it('about what differs in plain names, paths, tags and references only', async () => {
    expect(await questionsAbout(plain, '{ name: two, paths: [/two/more, /three], tags: [a] }')).toBe(1);
    expect(await questionsAbout(plain, '{ name: two-2, paths: [/two/more, /three] }')).toBe(1);
  });

  it.each([
    ['a name with something odd', '{ name: "two!", paths: [/two] }'],
    ['a path that is an expression', '{ name: two, paths: ["~/two$"] }'],
    ['a path with an empty segment', '{ name: two, paths: [//two] }'],
    ['a path that climbs', '{ name: two, paths: [/../two] }'],
    ['a path with an escape', '{ name: two, paths: ["/%2e"] }'],
    ['one odd path among plain ones', '{ name: two, paths: [/two, two] }'],
    ['an empty name', '{ name: "", paths: [/two] }'],
    ['a very long name', `{ name: ${'n'.repeat(200)}, paths: [/two] }`],
    ['a host with a wildcard', '{ name: two, paths: [/two], hosts: ["*.h"] }'],
    ['a choice from a list', '{ name: two, paths: [/two], methods: [GET] }'],
    ['a number', '{ name: two, paths: [/two], regex_priority: 1 }'],
  ])('but not together with %s', async (_name, route) => {
    expect(await questionsAbout(plain, route)).toBe(2);
  });
});
