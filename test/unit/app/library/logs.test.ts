import { expect, it } from 'vitest';
import { followedLogs } from '../../../../src/app/library/logs.ts';
import type { LogsView, showLogs } from '../../../../src/app/logs/logs.ts';
import type { Project } from '../../../../src/app/project/project.ts';
import type { World } from '../../../../src/app/world.ts';
import { ApictlError, EXIT } from '../../../../src/core/errors.ts';

const line = (text: string) => ({
  timestamp: '2026-11-01T10:00:00.000000000Z',
  service: 'backend-1',
  container: 'c1',
  stream: 'stdout' as const,
  text,
});

/** Logs that say what they are told to, for as long as the signal does not abort. */
function logs() {
  const state = { asked: 0, ended: false, view: undefined as LogsView | undefined };
  let fail: (thrown: unknown) => void = () => {};
  const show = (async (world, _project, request, view) => {
    state.asked += 1;
    expect(request).toMatchObject({ follow: true, services: ['backend-1'] });
    state.view = view;
    view.begin(['backend-1']);
    view.show([line('first'), line('second')]);
    await new Promise<void>((end, reject) => {
      fail = reject;
      if (world.signal.aborted) end();
      world.signal.addEventListener('abort', () => end(), { once: true });
    });
    state.ended = true;
  }) as typeof showLogs;
  const closing = new AbortController();
  const world = { signal: closing.signal } as World;
  const followed = () => followedLogs(world, {} as Project, { services: ['backend-1'] }, show);
  return { state, closing, followed, fail: (thrown: unknown) => fail(thrown) };
}

it('gives what is there and what comes, and ends with the loop', async () => {
  const { state, followed } = logs();
  const texts: string[] = [];
  for await (const { text } of followed()) {
    texts.push(text);
    if (texts.length === 2) state.view?.show([line('third')]);
    if (text === 'third') break;
  }
  expect(texts).toEqual(['first', 'second', 'third']);
  expect(state.ended).toBe(true);
});

it('asks for nothing before the first line is wanted', async () => {
  const { state, followed } = logs();
  const lines = followed();
  expect(state.asked).toBe(0);
  await lines.next();
  expect(state.asked).toBe(1);
  await lines.return();
});

it('ends when the signal aborts, with the lines that had come', async () => {
  const { closing, followed } = logs();
  const texts: string[] = [];
  for await (const { text } of followed()) {
    texts.push(text);
    closing.abort();
  }
  expect(texts).toEqual(['first', 'second']);
});

it('throws what goes wrong while it follows', async () => {
  const { followed, fail } = logs();
  const lost = new ApictlError({ code: 'ENGINE_LOST', exitCode: EXIT.engine, message: 'gone' });
  const reading = (async () => {
    for await (const _ of followed()) fail(lost);
  })();
  await expect(reading).rejects.toBe(lost);
});
