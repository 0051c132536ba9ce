import { storedLogs } from '../../app/stored-logs.ts';
import { ApictlError, EXIT, messageOf } from '../../core/errors.ts';
import type { LogLine } from '../../core/ports/engine.ts';
import { isWanted, type LineFilter } from '../../logs/filter.ts';
import type { Level } from '../../logs/level.ts';
import { followLogs, readLogs } from '../../logs/read.ts';
import { momentOf } from '../../logs/time.ts';
import { type Context, openProject } from '../context.ts';

interface Flags {
  readonly follow?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly tail?: number;
  readonly grep?: string;
  readonly level?: Level;
  readonly requestId?: string;
  readonly store?: boolean;
}

export const logsAction = async (context: Context, services: readonly string[], flags: Flags) => {
  const project = await openProject(context);
  const { world } = context;
  const nowMs = world.clock.now();
  const request = {
    project: project.config.project,
    services,
    tail: flags.tail,
    ...(flags.since === undefined ? {} : { sinceMs: momentOf('--since', flags.since, nowMs) }),
    ...(flags.until === undefined ? {} : { untilMs: momentOf('--until', flags.until, nowMs) }),
  };
  const filter: LineFilter = {
    level: flags.level,
    requestId: flags.requestId,
    grep: pattern(flags.grep),
  };
  const show = (line: LogLine) => {
    if (isWanted(line, filter)) context.print(`${lineText(line, context)}\n`);
  };
  if (flags.store === true) {
    for (const line of await storedLogs(world, project, { ...request, requestId: flags.requestId }))
      show(line);
    return EXIT.ok;
  }
  const containers = await world.engine.containers(project.config.project);
  refuseUnknown(
    services,
    containers.map(({ service }) => service),
  );
  if (flags.follow === true) {
    await followLogs(world, request, show, world.signal);
    return world.signal.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
  }
  for (const line of await readLogs(world.engine, containers, request, world.signal)) show(line);
  return EXIT.ok;
};

function lineText(line: LogLine, { globals, paint }: Context): string {
  if (globals.json === true) {
    const { service, container, stream, timestamp, text } = line;
    return JSON.stringify({ time: timestamp, service, container, stream, text });
  }
  return `${paint.dim(line.timestamp.slice(11, 23))} ${paint.cyan(line.service.padEnd(16))} ${line.text}`;
}

function pattern(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(text);
  } catch (thrown) {
    throw new ApictlError({
      code: 'OPTION_INVALID',
      exitCode: EXIT.usage,
      message: `--grep is not a regular expression: ${messageOf(thrown)}`,
      object: '--grep',
    });
  }
}

function refuseUnknown(wanted: readonly string[], present: readonly string[]): void {
  const unknown = wanted.filter((service) => !present.includes(service));
  if (unknown.length === 0) return;
  throw new ApictlError({
    code: 'SERVICE_UNKNOWN',
    exitCode: EXIT.usage,
    message: `no container of ${unknown.join(', ')} in this project`,
    object: unknown.map((name) => `service ${name}`).join(', '),
    hint:
      present.length === 0
        ? 'Nothing is up; run "apictl up".'
        : `There are: ${[...new Set(present)].sort().join(', ')}.`,
  });
}
