import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../../src/core/ports/engine.ts';
import { isWanted } from '../../../src/logs/filter.ts';
import { levelOf } from '../../../src/logs/level.ts';
import { readLogs } from '../../../src/logs/read.ts';
import { momentOf } from '../../../src/logs/time.ts';
import { summary } from '../../fakes/containers.ts';

const line = (service: string, timestamp: string, text: string): LogLine => ({
  service,
  container: service,
  stream: 'stdout',
  timestamp,
  text,
});

describe('the level of a line', () => {
  it.each([
    ['{"level":"WARNING","message":"x"}', 'warn'],
    ['ts=2026 level=error msg=x', 'error'],
    ['2026/11/23 10:00:00 [crit] 7#0: x', 'fatal'],
    ['2026-11-23 10:00:00 UTC [31] FATAL:  password authentication failed', 'fatal'],
    ['2026-11-23 10:00:00 UTC [31] LOG:  checkpoint', 'info'],
    ['nothing to see', undefined],
  ])('%s', (text, level) => {
    expect(levelOf(text)).toBe(level);
  });
});

describe('a filter', () => {
  it('wants a line that passes every part of it', () => {
    const wanted = line('kong', '', '{"level":"error","request_id":"r-1"}');
    expect(isWanted(wanted, { level: 'warn', requestId: 'r-1', grep: /error/ })).toBe(true);
    expect(isWanted(wanted, { level: 'fatal' })).toBe(false);
    expect(isWanted(wanted, { requestId: 'r-2' })).toBe(false);
  });

  it('with a level leaves lines without one out', () => {
    expect(isWanted(line('kong', '', 'plain'), { level: 'warn' })).toBe(false);
  });
});

describe('the logs of several services', () => {
  const logs: Record<string, LogLine[]> = {
    'id-kong': [
      line('kong', '2026-01-01T00:00:01.000000001Z', 'b'),
      line('kong', '2026-01-01T00:00:03.000000000Z', 'd'),
    ],
    'id-backend-1': [
      line('backend-1', '2026-01-01T00:00:01.000000000Z', 'a'),
      line('backend-1', '2026-01-01T00:00:02.000000000Z', 'c'),
    ],
  };
  const engine = {
    logs: async function* (id: string) {
      yield* logs[id] ?? [];
    },
  };
  const containers = [summary({ service: 'kong' }), summary({ service: 'backend-1' })];
  const read = async (services: readonly string[]) =>
    (await readLogs(engine, containers, { project: 'p', services }, new AbortController().signal)).map(
      ({ text }) => text,
    );

  it('are merged by time to the nanosecond', async () => {
    expect(await read([])).toEqual(['a', 'b', 'c', 'd']);
  });

  it('can be those of some services only', async () => {
    expect(await read(['kong'])).toEqual(['b', 'd']);
  });
});

describe('a moment', () => {
  it.each([
    ['10m', 1_000_000 - 600_000],
    ['1m30s', 1_000_000 - 90_000],
    ['1970-01-01T00:00:05Z', 5_000],
  ])('%s', (text, ms) => {
    expect(momentOf('--since', text, 1_000_000)).toBe(ms);
  });

  it('that is neither a duration nor a date is a usage error', () => {
    expect(() => momentOf('--since', 'yesterday-ish', 0)).toThrow('--since is neither a duration nor a date');
  });
});
