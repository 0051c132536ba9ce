import type { ChalkInstance } from 'chalk';
import type { Event } from '../../core/events.ts';
import { duration } from './durations.ts';

/** An event as one line for people, or nothing where it is only for the live view. */
export function eventLine(event: Event, paint: ChalkInstance): string | undefined {
  switch (event.type) {
    case 'note':
      return event.text;
    case 'warning':
      return `${paint.yellow('!')} ${event.text}`;
    case 'step.done':
      return `${paint.green('✓')} ${event.step}${event.text === undefined ? '' : ` ${event.text}`} ${paint.dim(duration(event.ms))}`;
    case 'service.ready':
      return `${paint.green('✓')} ${event.service} ready ${paint.dim(`at ${duration(event.ms)}${afterRestarts(event.restarts)}`)}`;
    case 'service.failed':
      return `${paint.red('✗')} ${event.service}: ${event.reason}`;
    case 'service.skipped':
      return `${paint.yellow('-')} ${event.service} not started, because ${event.because} failed`;
    case 'service.stopped':
      return `${paint.green('✓')} ${event.service} stopped`;
    case 'url.ready':
      return `${paint.green('→')} ${event.name} ${paint.bold(event.url)}`;
    case 'stack.planned':
    case 'service.creating':
    case 'service.created':
    case 'service.started':
    case 'service.stopping':
    case 'step.started':
    case 'step.progress':
      return undefined;
  }
}

/** `, after 3 restarts`; nothing where there was none. */
export const afterRestarts = (restarts = 0): string =>
  restarts === 0 ? '' : `, after ${restarts === 1 ? 'a restart' : `${restarts} restarts`}`;

/** What `--verbose` shows besides: what starts, and what a step says while it works. */
export function detailLine(event: Event, paint: ChalkInstance): string | undefined {
  switch (event.type) {
    case 'step.started':
      return paint.dim(`  ${event.step} ...`);
    case 'step.progress':
      return paint.dim(`  ${event.step}: ${event.text}`);
    case 'service.creating':
      return paint.dim(`  ${event.service}: ${event.why}`);
    case 'service.created':
      return paint.dim(`  ${event.service} created`);
    case 'service.started':
      return paint.dim(`  ${event.service} started`);
    case 'service.stopping':
      return paint.dim(`  ${event.service} stopping`);
    default:
      return undefined;
  }
}
