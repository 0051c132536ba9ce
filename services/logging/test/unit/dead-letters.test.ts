import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeFrames } from '../support/frames.ts';
import { encoded, intake } from '../support/intakes.ts';
import { ask, everythingStored, post, runningService, scratchDirectory, TOKEN } from '../support/scratch.ts';

it('what the store refuses is kept whole with the reason, is listed and can be tried again; the books balance', async () => {
  const root = await scratchDirectory();
  const buffer = join(root, 'data', 'buffer');
  await mkdir(buffer, { recursive: true });
  // A buffer that another version left: one record of no known form, one with a time that no column takes.
  const payloads = [
    encoded(intake({ message: 'good 1' })),
    '{"of":"another version"}\n{}',
    encoded({ ...intake({ message: 'odd time', time: 'yesterday' }), observedUs: 1.5 }),
    encoded(intake({ message: 'good 2' })),
  ];
  await writeFile(join(buffer, '0000000000000001.segment'), encodeFrames(payloads, 1));
  const service = await runningService(root);
  await everythingStored(service);

  const state = (await ask(service, '/api/v1/pipeline')).json;
  expect(state).toMatchObject({ accepted: 4, stored: 2, dead_lettered: 2, quarantined: 0, buffered: 0 });
  const { json } = await ask(service, '/api/v1/dead-letters?destination=store');
  expect(json.dead_letters.map(({ payload }: { payload: string }) => payload)).toEqual([
    payloads[1],
    payloads[2],
  ]);
  expect(json.dead_letters[0].reason).toContain('is no event');
  expect(await (await fetch(`${service.ingestUrl}/metrics`)).text()).toContain('logging_dead_letters 2');

  const again = await post(`${service.adminUrl}/api/v1/dead-letters/replay`, '{"destination":"store"}', {
    'content-type': 'application/json',
    authorization: `Bearer ${TOKEN}`,
  });
  expect(again.json).toMatchObject({ tried: 2, taken: 0 });
  expect(again.json.reasons).toHaveLength(2);
  expect((await ask(service, '/api/v1/pipeline')).json.dead_lettered).toBe(2);
});
