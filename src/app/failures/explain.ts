import { type CheckHistory, historyOf } from '../../core/check-history.ts';
import type { ContainerDetails, Engine, LogLine } from '../../core/ports/engine.ts';
import { listeningPorts } from '../../diagnosis/listeners.ts';
import type { FailureFacts } from '../../diagnosis/model.ts';
import type { Dependencies } from '../../diagnosis/upstream.ts';
import type { Mask } from '../project/masking.ts';

const LOG_LINES = 200;
const LOOK_TIMEOUT_MS = 3_000;

/** A service that is not well, as far as whoever noticed it knows. */
export interface Unwell {
  readonly service: string;
  readonly containerId: string | null;
  readonly ending: FailureFacts['ending'];
  readonly exitCode: number | null;
  readonly refusal: string;
  readonly checks: CheckHistory;
}

/** Gathers what the engine knows of a service that is not well. What cannot be looked at is left out; secrets are masked. */
export async function gatherFacts(
  engine: Pick<Engine, 'inspect' | 'tail' | 'exec'>,
  unwell: Unwell,
  mask: Mask,
): Promise<FailureFacts> {
  const { containerId, service, ending, refusal } = unwell;
  if (containerId === null) {
    return {
      ...unwell,
      refusal: mask(refusal),
      details: null,
      log: [],
      upstreamLog: [],
      listening: null,
      room: [],
    };
  }
  const [details, log] = await Promise.all([
    engine.inspect(containerId).catch(() => null),
    engine.tail(containerId, LOG_LINES).catch(() => []),
  ]);
  const own = unwell.checks.length > 0 ? unwell.checks : historyOf(details?.healthLog ?? []);
  return {
    service,
    ending,
    details,
    exitCode: unwell.exitCode,
    refusal: mask(refusal === '' ? (details?.error ?? '') : refusal),
    log: log.map((line) => ({ ...line, text: mask(line.text) })),
    upstreamLog: [],
    checks: own.map((streak) => ({ ...streak, output: mask(streak.output) })),
    listening: details === null ? null : await listening(engine, details),
    room: [],
  };
}

/** The container's own view of its listeners: from outside the engine's proxy answers for it. */
async function listening(
  engine: Pick<Engine, 'exec'>,
  { id, state }: ContainerDetails,
): Promise<number[] | null> {
  if (state !== 'running') return null;
  const argv = ['cat', '/proc/net/tcp', '/proc/net/tcp6'];
  const { output } = await engine.exec(id, argv, LOOK_TIMEOUT_MS).catch(() => ({ output: '' }));
  // A kernel without IPv6 lacks the second table; an image without cat gives no table at all.
  return output.includes('local_address') ? listeningPorts(output) : null;
}

/** What all services above `service` logged since its last start: a client may keep its refusal to itself. */
export async function upstreamLog(
  engine: Pick<Engine, 'tail'>,
  facts: FailureFacts,
  dependencies: Dependencies,
  containerIds: ReadonlyMap<string, string>,
  mask: Mask,
): Promise<LogLine[]> {
  const startedMs = facts.details?.startedMs ?? 0;
  const above = [...allAbove(facts.service, dependencies)].flatMap((name) => containerIds.get(name) ?? []);
  const logs = await Promise.all(above.map((id) => engine.tail(id, LOG_LINES).catch(() => [])));
  return logs
    .flat()
    .filter(({ timestamp }) => timestamp === '' || Date.parse(timestamp) >= startedMs)
    .map((line) => ({ ...line, text: mask(line.text) }));
}

function allAbove(service: string, dependencies: Dependencies, seen = new Set<string>()): Set<string> {
  for (const above of dependencies[service] ?? []) {
    if (seen.has(above)) continue;
    seen.add(above);
    allAbove(above, dependencies, seen);
  }
  return seen;
}
