import type { Compose, ComposeTarget } from '../../core/ports/compose.ts';
import type { HeldLock } from '../../core/ports/lock.ts';

/**
 * Has Compose read the user's override together with what is rendered, before it is to make something of them: what is wrong with
 * its keys only Compose knows, and each of its calls would say it again.
 * @throws ApictlError OVERRIDE_INVALID (64), or COMPOSE_FAILED (5)
 */
export async function refuseWrongOverride(
  compose: Pick<Compose, 'run'>,
  target: ComposeTarget,
  lock: Pick<HeldLock, 'fd'>,
  signal: AbortSignal,
): Promise<void> {
  const hasOverride = target.files.length > 1;
  if (hasOverride) await compose.run(target, ['config', '--quiet'], { signal, lockFd: lock.fd });
}
