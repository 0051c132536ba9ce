import { expect, it } from 'vitest';
import { readEarlierRuns, seenIn, writeEarlierRuns } from '../../../../src/app/up/earlier-runs.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

const PASSED = { startedMs: 1_000, passedMs: 5_000 };

it('keeps what this run saw beside what earlier ones did', async () => {
  const files = memoryFiles();
  await writeEarlierRuns(files, '/p', new Map(), new Map([['kong', { bootMs: 4_000.4, passed: null }]]));
  const known = await readEarlierRuns(files, '/p');
  await writeEarlierRuns(files, '/p', known, new Map([['postgres', { bootMs: 900, passed: PASSED }]]));
  expect(await readEarlierRuns(files, '/p')).toEqual(
    new Map([
      ['kong', { bootMs: 4_000, passed: null }],
      ['postgres', { bootMs: 900, passed: PASSED }],
    ]),
  );
});

it('keeps the boot of a service that was only looked at', async () => {
  const files = memoryFiles();
  const known = new Map([['kong', { bootMs: 4_000, passed: null }]]);
  await writeEarlierRuns(files, '/p', known, new Map([['kong', { bootMs: null, passed: PASSED }]]));
  expect(await readEarlierRuns(files, '/p')).toEqual(new Map([['kong', { bootMs: 4_000, passed: PASSED }]]));
});

it('writes nothing where nothing is new', async () => {
  const files = memoryFiles();
  await writeEarlierRuns(files, '/p', new Map(), new Map());
  const known = new Map([['kong', { bootMs: 4_000, passed: PASSED }]]);
  await writeEarlierRuns(files, '/p', known, new Map([['kong', { bootMs: null, passed: PASSED }]]));
  expect([...files.content.keys()]).toEqual([]);
});

it.each([
  ['no file', undefined],
  ['half a file', '{ "kong": { "boot'],
  ['a list', '[1, 2]'],
  ['a time before the start', '{ "format": 1, "services": { "kong": { "bootMs": -4 } } }'],
  [
    'a check that passed at no time',
    '{ "format": 1, "services": { "kong": { "passed": { "startedMs": 4 } } } }',
  ],
  ['one of a newer apictl', '{ "format": 2, "services": { "kong": { "bootMs": 4 } } }'],
  ['one without a format', '{ "kong": { "bootMs": 4 } }'],
])('expects nothing of any service where there is %s', async (_what, content) => {
  const files = memoryFiles(content === undefined ? {} : { '/p/.apictl/timings': content });
  expect(await readEarlierRuns(files, '/p')).toEqual(new Map());
});

it('counts a boot from the start of the container, and none of a service that ran already', () => {
  const started: Readonly<Record<string, number>> = { kong: 2_000 };
  const timeline = { of: (service: string) => ({ createdMs: null, startedMs: started[service] ?? null }) };
  const ready = new Map([
    ['postgres', 0],
    ['kong', 6_500],
    ['pages', 7_000],
  ]);
  expect(seenIn(timeline, ready, new Map([['pages', PASSED]]))).toEqual(
    new Map([
      ['kong', { bootMs: 4_500, passed: null }],
      ['pages', { bootMs: null, passed: PASSED }],
    ]),
  );
});
