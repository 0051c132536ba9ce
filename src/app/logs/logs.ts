import { ApictlError, EXIT, messageOf } from '../../core/errors.ts';
import { nearestWord } from '../../core/nearest-word.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { Cursor } from '../../logs/cursor.ts';
import { isFiltering, type LineFilter, lineFilter } from '../../logs/filter.ts';
import { followLogs } from '../../logs/follow.ts';
import type { Batch } from '../../logs/merge.ts';
import { type ReadRequest, readLogs } from '../../logs/read.ts';
import { refuseReversed } from '../../logs/time.ts';
import { isBackend } from '../../stack/render/backends.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import type { StoredQuery } from './stored.ts';

export interface LogsRequest extends ReadRequest {
  /** All where empty. */
  readonly services: readonly string[];
  readonly filter: LineFilter;
}

type LogsWorld = Pick<World, 'engine' | 'clock' | 'files' | 'http' | 'emit' | 'signal'>;

/** Takes lines in their order; `services` are those that may come, known before the first line. */
export interface LogsView {
  begin(services: readonly string[]): void;
  show(batch: Batch): void;
  /** Everything up to now has been shown. */
  flush(): void;
}

/**
 * Shows the logs of the wanted services, merged by time; with `follow` until the signal aborts.
 * @throws ApictlError OPTION_INVALID, SERVICE_UNKNOWN (64), NOTHING_TO_READ (4).
 */
export async function showLogs(
  world: LogsWorld,
  project: Project,
  request: LogsRequest & { readonly follow: boolean },
  view: LogsView,
): Promise<void> {
  refuseReversed(request);
  const all = await world.engine.containers(project.config.project);
  await refuseUnknown(world, project, request.services, all);
  const isWanted = wantedServices(request.services);
  const containers = all.filter(({ service }) => isWanted(service));
  if (containers.length === 0) {
    if (!request.follow) throw nothingToRead(project, request.services);
    world.emit({ type: 'note', text: 'No container yet; its lines come as soon as there is one.' });
  }
  tellNeverStarted(world, request.services, containers);
  view.begin(containers.map(({ service }) => service));
  const cursors = request.follow ? new Map<string, Cursor>() : undefined;
  const isLineWanted = lineFilter(request.filter);
  const lines = readLogs({
    engine: world.engine,
    containers,
    request,
    wanted: { isWanted: isLineWanted, isFiltering: isFiltering(request.filter) },
    signal: world.signal,
    onWarning: (text) => world.emit({ type: 'warning', text }),
    cursors,
    others: isWanted('kong') ? gatewayRecords(world, project, request) : [],
  });
  const shown = await showAll(lines, view);
  if (cursors === undefined) tellNothingFound(world, request.filter, shown);
  if (cursors === undefined || world.signal.aborted) return;
  await followLogs(
    world,
    {
      project: project.config.project,
      isWanted,
      cursors,
      onLines: (batch) => {
        view.show(isFiltering(request.filter) ? batch.filter(isLineWanted) : batch);
        view.flush();
      },
      onWarning: (text) => world.emit({ type: 'warning', text }),
    },
    world.signal,
  );
}

/**
 * Shows what the logging service keeps.
 * @throws ApictlError OPTION_INVALID (64), LOGGING_UNAVAILABLE (4), SECRET_MISSING (7).
 */
export async function showStoredLogs(
  world: LogsWorld,
  project: Project,
  request: LogsRequest,
  view: LogsView,
): Promise<void> {
  refuseReversed(request);
  const isServiceWanted = wantedServices(request.services);
  const isLineWanted = lineFilter(request.filter);
  view.begin(request.services);
  const lines = readLogs({
    engine: world.engine,
    containers: [],
    request,
    wanted: {
      isWanted: (line) => isServiceWanted(line.service) && isLineWanted(line),
      isFiltering: true,
    },
    signal: world.signal,
    others: [stored(world, project, { ...request, ...serverSide(request.filter) })],
  });
  tellNothingFound(world, request.filter, await showAll(lines, view));
}

/** Answers how many lines there were. */
async function showAll(lines: AsyncIterable<Batch>, view: LogsView): Promise<number> {
  let shown = 0;
  for await (const batch of lines) {
    view.show(batch);
    shown += batch.length;
  }
  view.flush();
  return shown;
}

/** An id is copied from somewhere: who sees nothing shall know that it is the id. */
function tellNothingFound(
  { emit, signal }: Pick<World, 'emit' | 'signal'>,
  { requestId }: LineFilter,
  shown: number,
): void {
  if (shown > 0 || requestId === undefined || signal.aborted) return;
  emit({ type: 'note', text: `No line was found that has the request id ${requestId}.` });
}

/** What asks the logging service is loaded when it is asked. */
async function* stored(world: LogsWorld, project: Project, query: StoredQuery): AsyncIterable<Batch> {
  const { storedLogs } = await import('./stored.ts');
  yield* storedLogs(world, project, query);
}

const serverSide = ({ requestId, level }: LineFilter) => ({ requestId, level });

/**
 * The gateway writes its record of a request to a file that only the logging service reads, so who looks for one request
 * is shown that record too. A logging service that does not answer leaves the containers' own lines.
 */
function gatewayRecords(world: LogsWorld, project: Project, request: LogsRequest): AsyncIterable<Batch>[] {
  if (request.filter.requestId === undefined) return [];
  const { since, until } = request;
  const records = stored(world, project, { since, until, ...serverSide(request.filter), kind: 'access' });
  const tolerant = async function* (): AsyncIterable<Batch> {
    try {
      yield* records;
    } catch (thrown) {
      world.emit({ type: 'warning', text: `without the gateway’s records: ${messageOf(thrown)}` });
    }
  };
  return [tolerant()];
}

/** Whether a service is one of the named ones; `backend` stands for all its replicas, as it does for `restart`. */
const wantedServices = (services: readonly string[]) => {
  const names = new Set(services);
  return (service: string): boolean =>
    names.size === 0 || names.has(service) || (names.has(BACKENDS) && isBackend(service));
};

const BACKENDS = 'backend';

async function refuseUnknown(
  world: LogsWorld,
  project: Project,
  wanted: readonly string[],
  containers: readonly ContainerSummary[],
): Promise<void> {
  const present = new Set(containers.map(({ service }) => service));
  const missing = wanted.filter((service) => service !== BACKENDS && !present.has(service));
  if (missing.length === 0) return;
  const { expectedServices } = await import('../render/expected-services.ts');
  const { services, leftOut } = await expectedServices(world, project);
  const known = [...new Set([...present, ...services])].sort();
  const unknown = missing.find((service) => !known.includes(service));
  if (unknown === undefined) return;
  const left = leftOut.find(({ name }) => name === unknown);
  const nearest = nearestWord(unknown, known);
  throw new ApictlError({
    code: 'SERVICE_UNKNOWN',
    exitCode: EXIT.usage,
    message: left === undefined ? `there is no service ${unknown}` : `${unknown} is left out: ${left.why}`,
    object: `service ${unknown}`,
    hint:
      known.length === 0
        ? 'Nothing is up; run "apictl up".'
        : `${nearest === undefined ? '' : `Did you mean ${nearest}? `}There are: ${known.join(', ')}.`,
  });
}

function nothingToRead(project: Project, services: readonly string[]): ApictlError {
  const what = services.length === 0 ? `project ${project.config.project}` : services.join(', ');
  return new ApictlError({
    code: 'NOTHING_TO_READ',
    exitCode: EXIT.unhealthy,
    message: `there is no container of ${what}, so there is no log to read`,
    object: services.length === 0 ? what : `service ${what}`,
    hint: 'Run "apictl up". "down" removes the containers with their logs; with the stack up, --store shows what the logging service keeps.',
  });
}

/** Who asks for one service by name and sees nothing shall know why. */
function tellNeverStarted(
  world: LogsWorld,
  services: readonly string[],
  containers: readonly ContainerSummary[],
): void {
  for (const { service, name, state } of containers)
    if (services.includes(service) && state === 'created')
      world.emit({ type: 'note', text: `${name} was created and never started; it has no log.` });
}
