import type { ChalkInstance } from 'chalk';
import truncate from 'cli-truncate';
import { duration } from './durations.ts';
import { afterRestarts } from './event-line.ts';
import { keptWaitingBy, type Phase, type Progress, type ServiceProgress } from './progress.ts';

/** What a frame is drawn for. */
export interface Frame {
  readonly columns: number;
  /** Rows of the terminal; the frame leaves one free, where the cursor stands. */
  readonly rows: number;
  readonly nowMs: number;
  /** The picture of the moment for what is under way. */
  readonly spinner: string;
  readonly paint: ChalkInstance;
}

/** Who is shown where there is no room for all: what went wrong, what is under way, what comes next, what is over. */
const PRIORITY: Readonly<Record<Phase, number>> = {
  failed: 0,
  starting: 1,
  stopping: 1,
  creating: 2,
  created: 3,
  waiting: 3,
  skipped: 4,
  ready: 5,
  stopped: 5,
};

const STATE_WIDTH = 8;
/** Mark, state, time and the spaces between them. */
const BESIDE_NAME = 2 + 2 + STATE_WIDTH + 1 + 7;
const SHORTEST_NAME = 8;

/** The lines of the live view: one for each service, the steps under way, a sum. None is wider or more than the terminal takes. */
export function frameLines(progress: Progress, frame: Frame): string[] {
  const room = Math.max(1, frame.rows - 2 - progress.steps.length);
  const shown = chosen(progress.services, room);
  const longest = Math.max(0, ...shown.map(({ service }) => service.length));
  const nameWidth = Math.max(SHORTEST_NAME, Math.min(longest, frame.columns - 1 - BESIDE_NAME));
  return [
    ...shown.map((service) => serviceLine(progress, service, nameWidth, frame)),
    ...progress.steps.map(({ step, text, sinceMs }) => {
      const words = text === undefined ? step : `${step}: ${text}`;
      return `${frame.paint.cyan(frame.spinner)} ${words} ${frame.paint.dim(duration(frame.nowMs - sinceMs))}`;
    }),
    frame.paint.dim(sumLine(progress, progress.services.length - shown.length, frame.nowMs)),
  ].map((line) => truncate(line, frame.columns - 1));
}

/** As many as there is room for, the most telling ones, in the order of the plan. */
function chosen(services: readonly ServiceProgress[], room: number): ServiceProgress[] {
  const ranked = [...services].sort((a, b) => PRIORITY[a.phase] - PRIORITY[b.phase]);
  const kept = new Set(ranked.slice(0, room));
  return services.filter((service) => kept.has(service));
}

function serviceLine(
  progress: Progress,
  service: ServiceProgress,
  nameWidth: number,
  { nowMs, spinner, paint }: Frame,
): string {
  const { phase } = service;
  const name = truncate(service.service, nameWidth).padEnd(nameWidth);
  const time = timeOf(service, nowMs);
  const state = time === '' ? stateOf(progress, service) : stateOf(progress, service).padEnd(STATE_WIDTH);
  switch (phase) {
    case 'ready':
    case 'stopped':
      return `${paint.green('✓')} ${name}  ${state} ${paint.dim(`${time}${afterRestarts(service.restarts)}`)}`;
    case 'failed':
      return `${paint.red('✗')} ${paint.red(name)}  ${paint.red(state)} ${paint.dim(time)}`;
    case 'skipped':
      return `${paint.yellow('-')} ${name}  ${paint.yellow(state)}`;
    case 'creating':
    case 'starting':
    case 'stopping':
      return `${paint.cyan(spinner)} ${name}  ${state} ${paint.dim(time)}`;
    case 'created':
    case 'waiting':
      return paint.dim(`· ${name}  ${state}`);
  }
}

function stateOf(progress: Progress, service: ServiceProgress): string {
  const { phase, isJob } = service;
  if (phase === 'starting') return isJob ? 'running' : 'starting';
  if (phase === 'ready') return isJob ? 'done' : 'ready';
  if (phase !== 'waiting' && phase !== 'created') return phase;
  const others = keptWaitingBy(progress, service);
  if (others.length === 0) return phase === 'created' ? 'created' : progress.isStopping ? 'running' : 'next';
  return `waits for ${others.join(', ')}`;
}

/** How long it took, or how long it has been at it; nothing where it has not begun. */
function timeOf({ phase, sinceMs, tookMs }: ServiceProgress, nowMs: number): string {
  const isUnderWay = phase === 'creating' || phase === 'starting' || phase === 'stopping';
  const ms = isUnderWay ? nowMs - sinceMs : tookMs;
  return ms === undefined ? '' : duration(ms).padStart(7);
}

function sumLine(progress: Progress, hidden: number, nowMs: number): string {
  const { services, unchanged, isStopping, startedMs } = progress;
  const over = services.filter(({ phase }) => phase === (isStopping ? 'stopped' : 'ready')).length;
  const failed = services.filter(({ phase }) => phase === 'failed').length;
  return [
    `${over} of ${services.length} ${isStopping ? 'stopped' : 'ready'}`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(unchanged === 0 ? [] : [`${unchanged} unchanged`]),
    ...(hidden === 0 ? [] : [`${hidden} not shown`]),
    duration(nowMs - startedMs),
  ].join(' · ');
}
