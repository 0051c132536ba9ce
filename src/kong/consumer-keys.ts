import { ApictlError, EXIT } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import type { AdminAnswer, AdminClient } from './admin/client.ts';

/** What Kong says of a key, as far as another beside it needs it. */
interface KeyCredential {
  readonly id: string;
  readonly key: string;
  readonly consumer: { readonly id: string };
  readonly tags: readonly string[] | null;
}

/**
 * The credential with this key, whoever's it is; null where Kong has none. Looked for in the list: asked for by its key, it would stand
 * in the address, and so in Kong's log.
 */
async function credentialOf(client: AdminClient, key: Secret): Promise<KeyCredential | null> {
  const credentials = ((await client.list('/key-auths')) ??
    []) as readonly unknown[] as readonly KeyCredential[];
  return credentials.find((credential) => credential.key === key.reveal()) ?? null;
}

export const hasKey = async (client: AdminClient, key: Secret): Promise<boolean> =>
  (await credentialOf(client, key)) !== null;

/**
 * Gives the consumer of a key a second one, with the same tags; both open then. Nothing happens where nobody has the first one, or
 * somebody has the second.
 * @throws ApictlError KONG_KEY_REFUSED (6)
 */
export async function addKeyBeside(client: AdminClient, key: Secret, next: Secret): Promise<void> {
  if (await hasKey(client, next)) return;
  const credential = await credentialOf(client, key);
  if (credential === null) return;
  const body = {
    key: next.reveal(),
    ...(credential.tags === null || credential.tags === undefined ? {} : { tags: credential.tags }),
  };
  const answer = await client.send('POST', `/consumers/${credential.consumer.id}/key-auth`, body);
  if (answer.status !== 201) throw refused('take a second key', answer);
}

/** Takes a key away; one that nobody has is fine. @throws ApictlError KONG_KEY_REFUSED (6) */
export async function removeKey(client: AdminClient, key: Secret): Promise<void> {
  const credential = await credentialOf(client, key);
  if (credential === null) return;
  const path = `/consumers/${credential.consumer.id}/key-auth/${credential.id}`;
  const answer = await client.send('DELETE', path);
  if (answer.status !== 204) throw refused('remove a key', answer);
}

/** What Kong says of a key may repeat it. */
const refused = (what: string, { status }: AdminAnswer): ApictlError =>
  new ApictlError({
    code: 'KONG_KEY_REFUSED',
    exitCode: EXIT.kong,
    message: `Kong answered ${status} when it was to ${what}`,
    object: 'service kong',
    hint: 'See "apictl logs kong".',
  });
