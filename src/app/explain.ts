import type { CheckHistory } from '../core/check-history.ts';
import type { Engine } from '../core/ports/engine.ts';
import { diagnose, type FailureFacts, type Finding } from '../diagnosis/service-failure.ts';

const LOG_LINES = 20;

/** Gathers what the engine knows of a container and names the cause. */
export async function explain(
  engine: Pick<Engine, 'inspect' | 'tail'>,
  subject: Pick<FailureFacts, 'service' | 'ending' | 'exitCode'> & {
    readonly containerId: string;
    readonly checks: CheckHistory;
  },
): Promise<Finding> {
  const [details, log] = await Promise.all([
    engine.inspect(subject.containerId),
    engine.tail(subject.containerId, LOG_LINES),
  ]);
  const checkOutput = subject.checks.at(-1)?.output || details.healthLog.at(-1)?.output || '';
  return diagnose({ ...subject, details, log, checkOutput });
}
