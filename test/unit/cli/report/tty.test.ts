import { Chalk } from 'chalk';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ttyReporter } from '../../../../src/cli/report/tty.ts';
import type { Event } from '../../../../src/core/events.ts';
import { VirtualTerminal } from '../../../fakes/virtual-terminal.ts';

const JOBS = ['kong-migrations', 'elasticsearch-setup'];
const WAITS_FOR: Readonly<Record<string, readonly string[]>> = {
  'kong-migrations': ['postgres'],
  kong: ['kong-migrations', 'backend-1', 'backend-2', 'backend-3'],
  'elasticsearch-setup': ['elasticsearch'],
  kibana: ['elasticsearch-setup'],
  logstash: ['elasticsearch-setup'],
};
const SERVICES = [
  ...['postgres', 'kong-migrations', 'kong', 'backend-1', 'backend-2', 'backend-3', 'logging'],
  ...['prometheus', 'alertmanager', 'grafana', 'elasticsearch', 'elasticsearch-setup', 'kibana', 'logstash'],
];

/** A whole bring-up of 14 services, with steps, a note and addresses in the middle. */
const RUN: readonly Event[] = [
  {
    type: 'note',
    text: 'embedded images: the registry does not answer, so that all are built on this machine',
  },
  { type: 'step.started', step: 'generate 14 secrets' },
  { type: 'step.done', step: 'generate 14 secrets', ms: 20 },
  {
    type: 'stack.planned',
    services: SERVICES.map((service) => ({
      service,
      action: 'create' as const,
      waitsFor: WAITS_FOR[service] ?? [],
      isJob: JOBS.includes(service),
    })),
  },
  { type: 'step.started', step: 'create containers' },
  ...SERVICES.map((service): Event => ({ type: 'service.created', service })),
  { type: 'step.done', step: 'create containers', ms: 300 },
  ...SERVICES.flatMap((service, index): Event[] => [
    { type: 'service.started', service },
    ...(index === 6
      ? [
          { type: 'url.ready' as const, name: 'proxy', url: 'http://127.0.0.1:8000' },
          {
            type: 'warning' as const,
            text: 'a warning that is longer than a narrow window and stays above the view',
          },
        ]
      : []),
    { type: 'service.ready', service, ms: 100 * index },
  ]),
];

const begin = (columns: number, rows: number) => {
  const terminal = new VirtualTerminal(columns, rows);
  const reporter = ttyReporter(terminal.stream, {
    nowMs: () => Date.now(),
    paint: new Chalk({ level: 1 }),
    verbose: false,
  });
  return { terminal, reporter };
};

/** Rows of the view for one service: a mark, then its name. */
const rowsOf = (rows: readonly string[], service: string) =>
  rows.filter((row) => new RegExp(`^\\S ${service}(…| )`).test(row));

/** Rows of services that are ready, or of jobs that are done. */
const readyRows = (rows: readonly string[]) => rows.filter((row) => /^✓ \S+ +(ready|done)\b/.test(row));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the live view of 14 services', () => {
  it.each([
    [100, 40],
    [40, 40],
    [100, 10],
    [40, 10],
  ])('in a window of %i columns and %i rows shows each service once at any moment', async (columns, rows) => {
    const { terminal, reporter } = begin(columns, rows);
    for (const event of RUN) {
      reporter.emit(event);
      vi.advanceTimersByTime(200);
      const screen = await terminal.rows();
      for (const service of SERVICES) expect(rowsOf(screen, service).length).toBeLessThanOrEqual(1);
      expect(screen.filter((row) => /of 14 ready/.test(row)).length).toBeLessThanOrEqual(1);
    }
    reporter.close();
    const screen = await terminal.rows();
    expect(readyRows(screen)).toHaveLength(Math.min(14, rows - 2));
    expect(screen.at(-1)).toMatch(/^14 of 14 ready · /);
    expect(await terminal.cursor()).toEqual({ column: 0, isShown: true });
  });

  it('leaves the terminal as it was wherever it is interrupted', async () => {
    for (let moment = 0; moment <= RUN.length; moment += 4) {
      const { terminal, reporter } = begin(60, 24);
      for (const event of RUN.slice(0, moment)) {
        reporter.emit(event);
        vi.advanceTimersByTime(100);
      }
      reporter.close();
      expect(await terminal.cursor(), `after ${moment} events`).toEqual({ column: 0, isShown: true });
    }
  });

  it.each([
    [100, 40],
    [40, 100],
    [100, 24],
  ])('stays whole when a window of %i columns becomes one of %i', async (before, after) => {
    const { terminal, reporter } = begin(before, 40);
    for (const [index, event] of RUN.entries()) {
      reporter.emit(event);
      vi.advanceTimersByTime(100);
      if (index === 20) await terminal.resize(after, 40);
      const screen = await terminal.rows();
      for (const service of SERVICES) expect(rowsOf(screen, service).length).toBeLessThanOrEqual(1);
    }
    reporter.close();
    expect(readyRows(await terminal.rows())).toHaveLength(14);
  });
});
