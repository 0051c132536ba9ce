import type { ChalkInstance } from 'chalk';
import ora from 'ora';
import type { Emit, Event } from '../../core/events.ts';
import { eventLine } from './event-line.ts';

/** How progress is shown on stderr. `close` ends a live view; it may be called twice. */
export interface Reporter {
  readonly emit: Emit;
  close(): void;
}

type Write = (text: string) => void;

/** For pipes and CI: a line for what ended; with `verbose` also for what starts and each step's output. */
export function plainReporter(write: Write, paint: ChalkInstance, verbose: boolean): Reporter {
  return {
    emit: (event) => {
      const line = eventLine(event, paint) ?? (verbose ? detailLine(event, paint) : undefined);
      if (line !== undefined) write(`${line}\n`);
    },
    close: () => {},
  };
}

/** For programs: one JSON document a line. */
export function jsonReporter(write: Write, nowMs: () => number): Reporter {
  return {
    emit: ({ type, ...facts }) => {
      write(`${JSON.stringify({ time: new Date(nowMs()).toISOString(), event: type, ...facts })}\n`);
    },
    close: () => {},
  };
}

export const quietReporter = (write: Write, paint: ChalkInstance): Reporter => ({
  emit: (event) => {
    const line =
      event.type === 'warning' || event.type === 'service.failed' ? eventLine(event, paint) : undefined;
    if (line !== undefined) write(`${line}\n`);
  },
  close: () => {},
});

/** For a terminal: the lines of the plain view above one live line that says what is under way. */
export function liveReporter(stream: NodeJS.WriteStream, paint: ChalkInstance, verbose: boolean): Reporter {
  const spinner = ora({ stream, discardStdin: false, hideCursor: true });
  const underWay = new Map<string, string>();
  return {
    emit: (event) => {
      follow(underWay, event);
      const line = eventLine(event, paint) ?? (verbose ? detailLine(event, paint) : undefined);
      if (line !== undefined) {
        spinner.clear();
        stream.write(`${line}\n`);
      }
      if (underWay.size === 0) spinner.stop();
      else {
        spinner.text = [...underWay.values()]
          .join(paint.dim(' · '))
          .slice(0, Math.max(20, (stream.columns ?? 80) - 4));
        if (!spinner.isSpinning) spinner.start();
      }
    },
    close: () => {
      spinner.stop();
    },
  };
}

/** Keeps the list of what is under way up to date with an event. */
function follow(underWay: Map<string, string>, event: Event): void {
  switch (event.type) {
    case 'step.started':
      underWay.set(event.step, event.step);
      break;
    case 'step.progress':
      underWay.set(event.step, `${event.step}: ${event.text}`);
      break;
    case 'step.done':
      underWay.delete(event.step);
      break;
    case 'service.creating':
    case 'service.started':
      underWay.set(event.service, event.service);
      break;
    case 'service.ready':
    case 'service.failed':
    case 'service.skipped':
    case 'service.stopped':
      underWay.delete(event.service);
      break;
    default:
      break;
  }
}

function detailLine(event: Event, paint: ChalkInstance): string | undefined {
  switch (event.type) {
    case 'step.started':
      return paint.dim(`  ${event.step} ...`);
    case 'step.progress':
      return paint.dim(`  ${event.step}: ${event.text}`);
    case 'service.creating':
      return paint.dim(`  ${event.service}: ${event.why}`);
    case 'service.started':
      return paint.dim(`  ${event.service} started`);
    default:
      return undefined;
  }
}
