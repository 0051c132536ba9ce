import { type LogsView, showLogs, showStoredLogs } from '../../app/logs/logs.ts';
import { EXIT } from '../../core/errors.ts';
import { interruptedExitCode } from '../../core/interruption.ts';
import type { Level } from '../../logs/level.ts';
import { timestampOf } from '../../logs/time.ts';
import { type Context, openProject } from '../context.ts';
import { jsonFormat, type LogFormat, prettyFormat, rawFormat } from '../report/log-lines.ts';
import { LogOutput } from '../report/log-output.ts';

interface Flags {
  readonly follow?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly tail?: number;
  readonly grep?: string;
  readonly level?: Level;
  readonly requestId?: string;
  readonly store?: boolean;
  readonly raw?: boolean;
}

export const logsAction = async (context: Context, services: readonly string[], flags: Flags) => {
  const { world } = context;
  const nowMs = world.clock.now();
  const request = {
    services,
    tail: flags.tail,
    since: flags.since === undefined ? undefined : timestampOf('--since', flags.since, nowMs),
    until: flags.until === undefined ? undefined : timestampOf('--until', flags.until, nowMs),
    filter: {
      level: flags.level,
      requestId: flags.requestId,
      grep: flags.grep === undefined ? undefined : await compiled(flags.grep),
    },
    follow: flags.follow === true,
  };
  const project = await openProject(context);
  const view = printing(context, formatOf(context, flags));
  if (flags.store === true) await showStoredLogs(world, project, request, view);
  else await showLogs(world, project, request, view);
  return world.signal.aborted ? interruptedExitCode(world.signal) : EXIT.ok;
};

/** The regular expressions come with their own engine, which only this option needs. */
const compiled = async (text: string) =>
  (await import('../../logs/pattern.ts')).compilePattern('--grep', text);

function formatOf({ globals, paint, isInteractive, world }: Context, flags: Flags): LogFormat {
  if (globals.json === true) return jsonFormat;
  const terminal = `${world.environment.TERM ?? ''} ${world.environment.COLORTERM ?? ''}`;
  const isRead = paint.level > 0 || isInteractive;
  return isRead && flags.raw !== true ? prettyFormat(paint, terminal) : rawFormat(paint, terminal);
}

function printing(context: Context, format: LogFormat): LogsView {
  const output = new LogOutput((bytes) => {
    context.settle();
    return context.print(bytes);
  });
  return {
    begin: format.begin,
    flush: () => output.flush(),
    show: (batch) => {
      for (const line of batch) format.put(line, output);
    },
  };
}
