import type { ContainerDetails } from '../../core/ports/engine.ts';
import type { PassedCheck } from './passed-check.ts';

/** The engine's own measure: a container that ran this long started well, and its next restart is not delayed. */
export const GOOD_LIFE_MS = 10_000;

/** Whether the engine starts the container again after such an end. */
export const isRestarted = ({ restartPolicy }: ContainerDetails, exitCode: number): boolean =>
  restartPolicy === 'always' ||
  restartPolicy === 'unless-stopped' ||
  (restartPolicy === 'on-failure' && exitCode !== 0);

/** Of a container that has ended. */
export const livedWell = ({ startedMs, finishedMs }: ContainerDetails): boolean =>
  startedMs !== null && finishedMs !== null && finishedMs - startedMs >= GOOD_LIFE_MS;

/** Whether it was healthy in this life, by the engine's checks or the last of ours that passed. */
export const wasHealthy = (details: ContainerDetails, passed: PassedCheck | null): boolean =>
  passesOfThisLife(details, passed).length > 0;

/** Whether the engine has called it unhealthy after that. Its word alone may be older than our check. */
export const hasRelapsed = (details: ContainerDetails, passed: PassedCheck | null): boolean => {
  const last = details.healthLog.at(-1);
  return (
    details.health === 'unhealthy' &&
    last !== undefined &&
    passesOfThisLife(details, passed).some((passedMs) => passedMs < last.endMs)
  );
};

/** When they ended, in milliseconds since the epoch. What the engine keeps of its checks outlives a restart. */
function passesOfThisLife({ startedMs, healthLog }: ContainerDetails, passed: PassedCheck | null): number[] {
  if (startedMs === null) return [];
  const engines = healthLog.filter(({ exitCode, endMs }) => exitCode === 0 && endMs >= startedMs);
  return [
    ...engines.map(({ endMs }) => endMs),
    ...(passed?.startedMs === startedMs ? [passed.passedMs] : []),
  ];
}
