import { expect, it } from 'vitest';
import { bootTimesOf, readBootTimes, writeBootTimes } from '../../../../src/app/up/boot-times.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

it('keeps what services took beside what earlier runs saw', async () => {
  const files = memoryFiles();
  await writeBootTimes(files, '/p', new Map(), new Map([['kong', 4_000.4]]));
  const known = await readBootTimes(files, '/p');
  await writeBootTimes(files, '/p', known, new Map([['postgres', 900]]));
  expect(await readBootTimes(files, '/p')).toEqual(
    new Map([
      ['kong', 4_000],
      ['postgres', 900],
    ]),
  );
});

it('writes nothing where the run started nothing', async () => {
  const files = memoryFiles();
  await writeBootTimes(files, '/p', new Map(), new Map());
  expect([...files.content.keys()]).toEqual([]);
});

it.each([
  ['no file', undefined],
  ['half a file', '{ "kong": { "boot'],
  ['a list', '[1, 2]'],
  ['a time before the start', '{ "kong": { "bootMs": -4 } }'],
])('expects nothing of any service where there is %s', async (_what, content) => {
  const files = memoryFiles(content === undefined ? {} : { '/p/.apictl/timings': content });
  expect(await readBootTimes(files, '/p')).toEqual(new Map());
});

it('counts a boot from the start of the container, and none of a service that ran already', () => {
  const started: Readonly<Record<string, number>> = { kong: 2_000 };
  const timeline = { of: (service: string) => ({ createdMs: null, startedMs: started[service] ?? null }) };
  const ready = new Map([
    ['postgres', 0],
    ['kong', 6_500],
  ]);
  expect(bootTimesOf(timeline, ready)).toEqual(new Map([['kong', 4_500]]));
});
