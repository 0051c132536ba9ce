import type { ChalkInstance } from 'chalk';
import truncate from 'cli-truncate';
import { createLogUpdate } from 'log-update';
import ora, { spinners } from 'ora';
import type { Event } from '../../core/events.ts';
import { detailLine, eventLine } from './event-line.ts';
import { frameLines } from './frame.ts';
import { follow, noProgress, type Progress } from './progress.ts';
import type { Reporter } from './reporter.ts';
import { rowsAfterResize } from './rows.ts';

const { frames: PICTURES, interval: PICTURE_MS } = spinners.dots;

export interface TtySettings {
  readonly nowMs: () => number;
  readonly paint: ChalkInstance;
  readonly verbose: boolean;
}

/**
 * For a terminal: what ended stays as a line; below it stands what is under way, drawn over itself. That is a spinner for single
 * steps, and one line for each service from the moment that the plan is known.
 */
export function ttyReporter(stream: NodeJS.WriteStream, { nowMs, paint, verbose }: TtySettings): Reporter {
  const spinner = ora({ stream, discardStdin: false, hideCursor: true });
  const update = createLogUpdate(stream);
  let progress = noProgress(nowMs());
  let lines: readonly string[] = [];
  let ticking: NodeJS.Timeout | undefined;

  const draw = (): void => {
    lines = frameLines(progress, {
      columns: stream.columns ?? 80,
      rows: stream.rows ?? 24,
      nowMs: nowMs(),
      spinner: PICTURES[Math.floor(nowMs() / PICTURE_MS) % PICTURES.length] ?? '',
      paint,
    });
    update(lines.join('\n'));
  };
  /** A narrower terminal breaks the lines that stand there into more rows than were drawn. */
  const redraw = (): void => {
    const more = rowsAfterResize(lines, stream.columns ?? 80) - lines.length;
    if (more > 0) stream.write(`\u001b[${more}A\u001b[J`);
    update.clear();
    draw();
  };
  const openView = (): void => {
    if (ticking !== undefined) return;
    spinner.stop();
    ticking = setInterval(draw, PICTURE_MS);
    ticking.unref();
    stream.on('resize', redraw);
  };
  const closeView = (): void => {
    if (ticking === undefined) return;
    clearInterval(ticking);
    ticking = undefined;
    stream.off('resize', redraw);
    // The last picture stays: it says when each service was ready. What was under way is told by whatever comes next.
    progress = { ...progress, steps: [] };
    draw();
    update.done();
    progress = { ...noProgress(progress.startedMs) };
  };
  const spin = (): void => {
    const text = stepText(progress, paint);
    if (text === '') {
      spinner.stop();
      return;
    }
    spinner.text = truncate(text, Math.max(1, (stream.columns ?? 80) - 3));
    if (!spinner.isSpinning) spinner.start();
  };

  return {
    emit: (event) => {
      progress = follow(progress, event, nowMs());
      const inView = progress.services.length > 0;
      if (inView) openView();
      const line = lineOf(event, inView, verbose, paint);
      if (line !== undefined) {
        if (inView) update.clear();
        else spinner.clear();
        stream.write(`${line}\n`);
      }
      if (inView) draw();
      else spin();
    },
    close: () => {
      closeView();
      spinner.stop();
    },
  };
}

/** The line that stays of an event. What happens to a service is told by its own line in the view. */
function lineOf(event: Event, inView: boolean, verbose: boolean, paint: ChalkInstance): string | undefined {
  if (inView && event.type.startsWith('service.')) return undefined;
  return eventLine(event, paint) ?? (verbose ? detailLine(event, paint) : undefined);
}

const stepText = ({ steps }: Progress, paint: ChalkInstance): string =>
  steps.map(({ step, text }) => (text === undefined ? step : `${step}: ${text}`)).join(paint.dim(' · '));
