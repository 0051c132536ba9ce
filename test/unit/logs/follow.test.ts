import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import type { Cursor } from '../../../src/logs/cursor.ts';
import { followLogs } from '../../../src/logs/follow.ts';
import { readLogs } from '../../../src/logs/read.ts';
import { at, LogEngine } from '../../fakes/log-engine.ts';
import { PATIENCE } from '../../support/patience.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** Waits of the real clock, but a hundred times shorter. */
const quickClock = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 100, signal),
};

/** Reads what is there and follows from then on, as `logs --follow` does. */
async function follow(engine: LogEngine, tail?: number) {
  const seen: string[] = [];
  const warnings: string[] = [];
  const cursors = new Map<string, Cursor>();
  const stopping = new AbortController();
  const reading = {
    engine,
    containers: await engine.containers(),
    request: { tail },
    wanted: { isWanted: () => true, isFiltering: false },
    signal: stopping.signal,
    cursors,
  };
  for await (const batch of readLogs(reading)) seen.push(...batch.map(({ text }) => text));
  const done = followLogs(
    { engine, clock: quickClock },
    {
      project: 'p',
      isWanted: (service) => service !== 'unwanted',
      cursors,
      onLines: (batch) => seen.push(...batch.map(({ text }) => text)),
      onWarning: (text) => warnings.push(text),
    },
    stopping.signal,
  );
  const stop = async () => {
    stopping.abort();
    await done;
  };
  stops.push(stop);
  const running = (await engine.containers()).filter(({ state }) => state === 'running').length;
  await vi.waitFor(() => expect(engine.openReadings).toBe(running), PATIENCE);
  return { seen, warnings, stop };
}

const shows = (seen: readonly string[], ...texts: readonly string[]) =>
  vi.waitFor(() => expect(seen).toEqual(texts), PATIENCE);

describe('following logs', () => {
  it('shows what is there, then what comes, each line once', async () => {
    const engine = new LogEngine();
    engine.add('k', 'kong');
    engine.write('k', at(1), 'old');
    const { seen } = await follow(engine);
    engine.write('k', at(2), 'new');
    await shows(seen, 'old', 'new');
  });

  it('goes on when the container is restarted, with what it wrote while it was down', async () => {
    const engine = new LogEngine();
    engine.add('k', 'kong');
    engine.write('k', at(1), 'first life');
    const { seen } = await follow(engine);
    engine.die('k');
    engine.write('k', at(2), 'last words');
    engine.start('k');
    engine.write('k', at(3), 'second life');
    await shows(seen, 'first life', 'last words', 'second life');
  });

  it('reads a container that takes the place of another from its first line', async () => {
    const engine = new LogEngine();
    engine.add('old', 'kong');
    engine.write('old', at(1), 'old');
    const { seen } = await follow(engine, 1);
    engine.die('old');
    engine.remove('old');
    engine.add('new', 'kong');
    engine.write('new', at(0), 'boot, by a clock that is behind');
    engine.start('new');
    await shows(seen, 'old', 'boot, by a clock that is behind');
  });

  it('reads a container that began and ended before anybody looked', async () => {
    const engine = new LogEngine();
    engine.add('k', 'kong');
    const { seen } = await follow(engine);
    engine.add('job', 'kong-migrations', 'created');
    engine.start('job');
    engine.write('job', at(1), 'migrated');
    engine.die('job');
    await shows(seen, 'migrated');
  });

  it('takes up a broken stream where it broke, also between lines of the same moment', async () => {
    const engine = new LogEngine();
    engine.add('k', 'kong');
    engine.write('k', at(1, 5), 'a');
    engine.write('k', at(1, 5), 'b');
    const { seen } = await follow(engine);
    engine.cutReadings();
    engine.write('k', at(1, 5), 'c');
    await shows(seen, 'a', 'b', 'c');
  });

  it('knows the lines that the engine gives again when it rotates the log', async () => {
    const engine = new LogEngine();
    engine.add('k', 'kong');
    const { seen } = await follow(engine);
    engine.write('k', at(1), 'a');
    engine.write('k', at(2), 'b');
    await shows(seen, 'a', 'b');
    engine.write('k', at(1), 'a');
    engine.write('k', at(2), 'b');
    engine.write('k', at(3), 'c');
    await shows(seen, 'a', 'b', 'c');
  });

  it('does not lose a line of one stream that is older than the last of the other', async () => {
    const engine = new LogEngine();
    engine.add('k', 'kong');
    engine.write('k', at(1, 1), 'out 1');
    engine.write('k', at(1, 9), 'err 1', 'stderr');
    const { seen } = await follow(engine);
    engine.cutReadings();
    engine.write('k', at(1, 5), 'out 2');
    await shows(seen, 'out 1', 'err 1', 'out 2');
  });

  it('waits for an engine that is away, says so once, and goes on', async () => {
    const engine = new LogEngine();
    engine.add('k', 'kong');
    engine.write('k', at(1), 'before');
    const { seen, warnings } = await follow(engine);
    engine.goAway();
    await vi.waitFor(() => expect(warnings).toHaveLength(1), PATIENCE);
    engine.write('k', at(2), 'meanwhile');
    engine.comeBack();
    await shows(seen, 'before', 'meanwhile');
    expect(warnings).toEqual(['no Docker Engine answers; the logs go on when it is back']);
  });

  it('finds what happened while the event stream was broken', async () => {
    const engine = new LogEngine();
    engine.add('k', 'kong');
    const { seen } = await follow(engine);
    engine.cutEvents();
    engine.add('b', 'backend-1');
    engine.write('b', at(1), 'here');
    await shows(seen, 'here');
  });

  it('reads on a container that restarted while nobody listened', async () => {
    const engine = new LogEngine();
    engine.add('job', 'log-volumes', 'exited');
    engine.write('job', at(1), 'first run');
    const { seen } = await follow(engine);
    engine.cutEvents();
    engine.write('job', at(2), 'second run');
    await shows(seen, 'first run', 'second run');
  });

  it('leaves services alone that are not wanted', async () => {
    const engine = new LogEngine();
    engine.add('k', 'kong');
    const { seen } = await follow(engine);
    engine.add('u', 'unwanted');
    engine.write('u', at(1), 'no');
    engine.start('u');
    engine.write('k', at(2), 'yes');
    await shows(seen, 'yes');
    expect(engine.asked.map(({ id }) => id)).not.toContain('u');
  });

  it('puts lines of several containers that arrive together into the order of time', async () => {
    const engine = new LogEngine();
    engine.add('k', 'kong');
    engine.add('b', 'backend-1');
    const { seen } = await follow(engine);
    engine.write('k', at(2), 'second');
    engine.write('b', at(1), 'first');
    await shows(seen, 'first', 'second');
  });

  it('with no line of the past shows only new ones', async () => {
    const engine = new LogEngine();
    engine.add('k', 'kong');
    engine.write('k', at(1), 'old 1');
    engine.write('k', at(1, 1), 'old 2');
    const { seen } = await follow(engine, 0);
    engine.write('k', at(2), 'new');
    await shows(seen, 'new');
  });

  it('ends when it is told to, and shows what has come until then', async () => {
    const engine = new LogEngine();
    engine.add('k', 'kong');
    const { seen, stop } = await follow(engine);
    engine.write('k', at(1), 'last');
    await shows(seen, 'last');
    await stop();
    expect(engine.openReadings).toBe(0);
  });
});
