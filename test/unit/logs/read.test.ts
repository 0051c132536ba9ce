import { describe, expect, it } from 'vitest';
import { type ReadRequest, readLogs, type Wanted } from '../../../src/logs/read.ts';
import { at, LogEngine } from '../../fakes/log-engine.ts';

const ALL: Wanted = { isWanted: () => true, isFiltering: false };

async function read(engine: LogEngine, request: ReadRequest = {}, wanted = ALL) {
  const warnings: string[] = [];
  const texts: string[] = [];
  const lines = readLogs({
    engine,
    containers: await engine.containers(),
    request,
    wanted,
    signal: new AbortController().signal,
    onWarning: (text) => warnings.push(text),
  });
  for await (const batch of lines) texts.push(...batch.map(({ text }) => text));
  return { texts, warnings };
}

function threeServices(): LogEngine {
  const engine = new LogEngine();
  for (const [id, service] of [
    ['k', 'kong'],
    ['b', 'backend-1'],
    ['p', 'postgres'],
  ] as const)
    engine.add(id, service, 'exited');
  engine.write('k', at(1, 1), 'k1');
  engine.write('b', at(1, 0), 'b1');
  engine.write('k', at(3), 'k2');
  engine.write('b', at(2), 'b2');
  engine.write('p', at(2, 5), 'p1');
  engine.write('b', at(4), 'b3');
  return engine;
}

describe('reading logs', () => {
  it('merges all containers by time, to the nanosecond, also those that have ended', async () => {
    expect((await read(threeServices())).texts).toEqual(['b1', 'k1', 'b2', 'p1', 'k2', 'b3']);
  });

  it('takes both ends of a stretch of time', async () => {
    const request = { since: at(2), until: at(3) };
    expect((await read(threeServices(), request)).texts).toEqual(['b2', 'p1', 'k2']);
  });

  it('takes the last lines of all together, and asks the engine for no more', async () => {
    const engine = threeServices();
    expect((await read(engine, { tail: 2 })).texts).toEqual(['k2', 'b3']);
    expect(engine.asked.map(({ options }) => options.tail)).toEqual([2, 2, 2]);
  });

  it('takes the last lines before a moment, which the engine cannot count', async () => {
    const request = { tail: 2, until: at(2, 5) };
    expect((await read(threeServices(), request)).texts).toEqual(['b2', 'p1']);
  });

  it('takes the last lines of those that pass the filter', async () => {
    const onlyBackend = { isWanted: ({ text }: { text: string }) => text.startsWith('b'), isFiltering: true };
    expect((await read(threeServices(), { tail: 2 }, onlyBackend)).texts).toEqual(['b2', 'b3']);
  });

  it('keeps the order of one container where its own times cross', async () => {
    const engine = new LogEngine();
    engine.add('k', 'kong', 'exited');
    engine.write('k', at(2), 'out');
    engine.write('k', at(1), 'err', 'stderr');
    expect((await read(engine)).texts).toEqual(['out', 'err']);
  });

  it('leaves out a container that is gone by then, and says so', async () => {
    const engine = threeServices();
    const { containers } = engine;
    const withGone = Object.assign(Object.create(engine) as LogEngine, {
      containers: async () => {
        const list = await containers();
        engine.remove('b');
        return list;
      },
    });
    const { texts, warnings } = await read(withGone);
    expect(texts).toEqual(['k1', 'p1', 'k2']);
    expect(warnings).toEqual(['apictl-backend-1-1: No such container: b']);
  });

  it('fails when the engine is away: half a log is no log', async () => {
    const engine = threeServices();
    const list = await engine.containers();
    engine.goAway();
    const away = Object.assign(Object.create(engine) as LogEngine, { containers: async () => list });
    await expect(read(away)).rejects.toThrow('no Docker Engine answers');
  });
});
