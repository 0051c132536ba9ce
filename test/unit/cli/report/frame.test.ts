import { Chalk } from 'chalk';
import { expect, it } from 'vitest';
import { frameLines } from '../../../../src/cli/report/frame.ts';
import { follow, noProgress, type Progress } from '../../../../src/cli/report/progress.ts';
import type { Event, PlannedService } from '../../../../src/core/events.ts';

const paint = new Chalk({ level: 0 });

const planned = (service: string, waitsFor: readonly string[] = [], given: Partial<PlannedService> = {}) => ({
  service,
  action: 'create' as const,
  waitsFor,
  isJob: false,
  ...given,
});

const plan: Event = {
  type: 'stack.planned',
  services: [
    planned('postgres'),
    planned('kong-migrations', ['postgres'], { isJob: true }),
    planned('kong', ['kong-migrations', 'backend-1']),
    planned('backend-1'),
    planned('logging', [], { action: 'keep' }),
  ],
};

/** The progress after events that come at the given milliseconds. */
const after = (...events: readonly (readonly [number, Event])[]): Progress =>
  events.reduce((progress, [ms, event]) => follow(progress, event, ms), noProgress(0));

const draw = (progress: Progress, nowMs: number, columns = 80, rows = 24): string[] =>
  frameLines(progress, { columns, rows, nowMs, spinner: '*', paint });

const started = (service: string): Event => ({ type: 'service.started', service });
const ready = (service: string, ms: number): Event => ({ type: 'service.ready', service, ms });

it('shows of every service whether it waits and for what, starts, or is ready and how long that took', () => {
  const progress = after(
    [0, plan],
    [100, started('postgres')],
    [100, started('backend-1')],
    [2200, ready('postgres', 2200)],
    [2200, started('kong-migrations')],
  );
  expect(draw(progress, 3000)).toEqual([
    '✓ postgres         ready      2.1 s',
    '* kong-migrations  running    0.8 s',
    '· kong             waits for kong-migrations, backend-1',
    '* backend-1        starting   2.9 s',
    '1 of 4 ready · 1 unchanged · 3.0 s',
  ]);
});

it('says of what fell after it was ready how often it was restarted, and counts all of its time', () => {
  const progress = after(
    [0, plan],
    [100, started('postgres')],
    [2200, ready('postgres', 2200)],
    [6200, { type: 'service.ready', service: 'postgres', ms: 6200, restarts: 1 }],
  );
  expect(draw(progress, 6300)[0]).toBe('✓ postgres         ready      6.1 s, after a restart');
});

it('stops naming what a service does not wait for any more', () => {
  const progress = after([0, plan], [100, started('kong-migrations')], [500, ready('kong-migrations', 500)]);
  expect(draw(progress, 600)[2]).toBe('· kong             waits for backend-1');
  expect(draw(progress, 600)[1]).toBe('✓ kong-migrations  done       0.4 s');
});

it('says which service failed and which were skipped because of it', () => {
  const progress = after(
    [0, plan],
    [0, started('postgres')],
    [9000, { type: 'service.failed', service: 'postgres', reason: 'it ended with 1' }],
    [9000, { type: 'service.skipped', service: 'kong-migrations', because: 'postgres' }],
  );
  expect(draw(progress, 9000).slice(0, 2)).toEqual([
    '✗ postgres         failed     9.0 s',
    '- kong-migrations  skipped',
  ]);
  expect(draw(progress, 9000).at(-1)).toBe('0 of 4 ready · 1 failed · 1 unchanged · 9.0 s');
});

it('shows the steps beside the services while they are under way', () => {
  const begun = after(
    [0, plan],
    [1000, { type: 'step.started', step: 'seed Kong' }],
    [1500, { type: 'step.progress', step: 'seed Kong', text: 'create route api' }],
  );
  expect(draw(begun, 2000)).toContain('* seed Kong: create route api 1.0 s');
  expect(draw(follow(begun, { type: 'step.done', step: 'seed Kong', ms: 900 }, 2100), 2100)).toHaveLength(5);
});

it('shows a stop in its own words', () => {
  const stopping = (service: string, waitsFor: string[]) => planned(service, waitsFor, { action: 'stop' });
  const progress = after(
    [0, { type: 'stack.planned', services: [stopping('postgres', ['kong']), stopping('kong', [])] }],
    [100, { type: 'service.stopping', service: 'kong' }],
  );
  expect(draw(progress, 600)).toEqual([
    '· postgres  waits for kong',
    '* kong      stopping   0.5 s',
    '0 of 2 stopped · 0.6 s',
  ]);
  const stopped = follow(progress, { type: 'service.stopped', service: 'kong' }, 700);
  expect(draw(stopped, 700).slice(0, 2)).toEqual(['· postgres  running', '✓ kong      stopped    0.6 s']);
});

const many: Event = {
  type: 'stack.planned',
  services: Array.from({ length: 14 }, (_, at) => planned(`a-service-with-a-long-name-${at + 1}`)),
};

it.each([20, 40, 80])('never writes a line as wide as a terminal of %i columns', (columns) => {
  const progress = after([0, many], [0, started('a-service-with-a-long-name-3')], [0, plan]);
  const wide: Event = {
    type: 'step.progress',
    step: '构建',
    text: '一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五',
  };
  const both = follow(follow(progress, { type: 'step.started', step: '构建' }, 0), wide, 0);
  for (const line of draw(both, 1000, columns)) {
    const width = [...line].reduce((sum, letter) => sum + (/[\u4e00-\u9fff]/.test(letter) ? 2 : 1), 0);
    expect(width).toBeLessThan(columns);
  }
});

it('keeps state and time in view in 40 columns by shortening the name', () => {
  const progress = after([0, many], [0, started('a-service-with-a-long-name-3')]);
  expect(draw(progress, 12_300, 40)[2]).toBe('* a-service-with-a-l…  starting  12.3 s');
});

it('leaves out first what is over and then what waits where there are fewer rows than services', () => {
  const progress = after(
    [0, many],
    [0, ready('a-service-with-a-long-name-1', 0)],
    [0, started('a-service-with-a-long-name-14')],
    [0, { type: 'service.failed', service: 'a-service-with-a-long-name-9', reason: 'no' }],
  );
  const lines = draw(progress, 1000, 80, 6);
  expect(lines).toHaveLength(5);
  expect(lines.map((line) => line.slice(0, 31).trim())).toEqual([
    '· a-service-with-a-long-name-2',
    '· a-service-with-a-long-name-3',
    '✗ a-service-with-a-long-name-9',
    '* a-service-with-a-long-name-14',
    '1 of 14 ready · 1 failed · 10 n',
  ]);
});
