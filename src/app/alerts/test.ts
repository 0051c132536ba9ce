import { durationMs } from '../../core/duration.ts';
import type { Deliveries, NewAlert } from '../../monitoring/alertmanager.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { alertmanagerOf } from './doors.ts';
import type { AlertTest } from './model.ts';

const LOOK_EVERY_MS = 500;
/** Alertmanager ends an alert that nobody renews at its end; long enough for every receiver to be told before. */
const LIFE_MS = 10 * 60_000;
const NAME = 'ApictlTest';
const NOTHING: Deliveries = { attempts: 0, failedAttempts: 0, givenUp: {} };

/**
 * Sends an alert of each severity and follows it to every receiver: a receiver has it when one more of Alertmanager's attempts than
 * before has succeeded. Ends the alert afterwards.
 * @param timeoutSeconds how long receivers may take once Alertmanager begins to tell them
 * @throws ApictlError ALERTMANAGER_UNAVAILABLE (4)
 */
export async function testAlerts(
  world: Pick<World, 'files' | 'http' | 'clock' | 'random' | 'signal'>,
  project: Project,
  timeoutSeconds: number,
): Promise<AlertTest> {
  const { clock, signal } = world;
  const alertmanager = alertmanagerOf(world, project);
  const id = Buffer.from(world.random.bytes(6)).toString('hex');
  const [names, before] = await Promise.all([alertmanager.receivers(), alertmanager.deliveries()]);
  // Alertmanager tells nobody before that.
  const patienceMs = timeoutSeconds * 1000 + (durationMs(project.config.alerting.groupWait) ?? 0);
  const begunMs = clock.now();
  const alerts = testAlertsOf(id, begunMs);
  await alertmanager.post(alerts);
  const outcomes = new Map<string, AlertTest['receivers'][number]>();
  let now = before;
  const of = (name: string, told: ReadonlyMap<string, Deliveries>): Deliveries => told.get(name) ?? NOTHING;
  try {
    while (outcomes.size < names.length && clock.now() - begunMs < patienceMs) {
      await clock.sleep(LOOK_EVERY_MS, signal);
      signal.throwIfAborted();
      now = await alertmanager.deliveries();
      const seconds = (clock.now() - begunMs) / 1000;
      for (const name of names.filter((candidate) => !outcomes.has(candidate))) {
        const outcome = outcomeOf(of(name, before), of(name, now));
        if (outcome !== null)
          outcomes.set(name, { name, ...outcome, seconds: outcome.state === 'delivered' ? seconds : null });
      }
    }
  } finally {
    // Also after an interruption: a test must not stay as an alert.
    const endsAt = new Date(clock.now()).toISOString();
    await alertmanager.post(alerts.map((alert) => ({ ...alert, endsAt })));
  }
  const receivers = names.map(
    (name) => outcomes.get(name) ?? { name, ...lastWord(of(name, before), of(name, now)), seconds: null },
  );
  return { id, receivers };
}

/** One of each severity, in one group: every receiver is told once, whichever it takes. */
const testAlertsOf = (id: string, nowMs: number): NewAlert[] =>
  ['critical', 'warning', 'none'].map((severity) => ({
    // The id makes it a group of its own: Alertmanager would wait before it tells of a known one again.
    labels: { alertname: NAME, severity, service: id },
    annotations: {
      summary: 'A test of the alerts’ way to their receivers.',
      description: 'Somebody typed "apictl alerts test".',
      runbook: 'Nothing to do.',
    },
    startsAt: new Date(nowMs).toISOString(),
    endsAt: new Date(nowMs + LIFE_MS).toISOString(),
  }));

type Outcome = Pick<AlertTest['receivers'][number], 'state' | 'found'>;

/** Null while nothing is certain: an attempt that failed is made again. */
function outcomeOf(before: Deliveries, now: Deliveries): Outcome | null {
  const taken = now.attempts - now.failedAttempts - (before.attempts - before.failedAttempts);
  if (taken > 0) return { state: 'delivered', found: 'took it' };
  const reasons = Object.entries(now.givenUp).filter(
    ([reason, count]) => count > (before.givenUp[reason] ?? 0),
  );
  if (reasons.length === 0) return null;
  return {
    state: 'failed',
    found: `${reasons.map(([reason]) => REASONS[reason] ?? reason).join(', ')}; ${WHERE}`,
  };
}

/** What is said of a receiver when the time is over. */
function lastWord(before: Deliveries, now: Deliveries): Outcome {
  const failed = now.failedAttempts - before.failedAttempts;
  return failed > 0
    ? { state: 'failed', found: `${failed} attempts failed, Alertmanager goes on trying; ${WHERE}` }
    : {
        state: 'silent',
        found: 'was not told: no route leads to it, or a silence or another alert keeps it away',
      };
}

const WHERE = '"apictl logs alertmanager" has the answer';

/** Alertmanager's reasons in words. */
const REASONS: Readonly<Record<string, string>> = {
  clientError: 'the receiver refused it (4xx)',
  serverError: 'the receiver failed (5xx)',
  contextCanceled: 'the attempt was given up',
  contextDeadlineExceeded: 'the receiver did not answer in time',
  // As a mail server's 550; nobody who answers is tried again instead.
  other: 'the receiver did not take it',
};
