import type { ListenerSettings } from './config.ts';
import type { Listener } from './listener.ts';
import { loadDefaultPairs } from './proxy/default-certificate.ts';

/** Reads the certificate of these listeners again. @throws Error when it cannot be used; the one in use then stays */
export async function reloadListeners(
  listeners: readonly Listener[],
  { addresses, certificate }: ListenerSettings,
): Promise<void> {
  // A pair that was made for this process has no files that could have changed.
  if (certificate.certs.length === 0 || addresses.every(({ isTls }) => !isTls)) return;
  const pairs = await loadDefaultPairs(certificate);
  for (const listener of listeners) listener.useCertificate(pairs);
}

/** Each for itself: one certificate that cannot be used keeps no other door from its own. */
export async function reloadAll(
  reloads: readonly (() => Promise<void>)[],
  notice: (text: string) => void,
): Promise<void> {
  for (const reload of reloads) {
    await reload().catch((error: unknown) => {
      notice(
        `the changed certificate cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
  }
}
