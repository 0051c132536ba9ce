import { ApictlError } from '../../core/errors.ts';
import { type AdminAnswer, type AdminClient, refused } from '../admin/client.ts';
import { withoutSecrets } from '../model/secret-texts.ts';
import { revealed } from '../model/value.ts';
import type { Write } from '../plan/plan.ts';

/**
 * Sends one write and gives what Kong answered: 404 where what was to be deleted, or to give up a value, is gone already (somebody else
 * seeds the same file), for then nothing is left to do.
 *
 * @throws when Kong refuses it, with secrets masked in the message.
 */
export async function send(client: AdminClient, write: Write): Promise<AdminAnswer> {
  const { method, path, body } = write;
  const answer = await client.send(method, path, body === undefined ? undefined : revealed(body));
  if (answer.status >= 200 && answer.status < 300) return answer;
  if (answer.status === 404 && (method === 'DELETE' || write.givesUp === true)) return answer;
  // A POST that was sent again after its answer was lost meets what it made the first time.
  if (method === 'POST' && [400, 409].includes(answer.status) && (await isThereAlready(client, write)))
    return answer;
  const error = refused(method, path, answer);
  throw new ApictlError({
    code: error.code,
    exitCode: error.exitCode,
    message: withoutSecrets(error.message, body === undefined ? [] : [body]),
    object: error.object,
    hint: error.hint,
  });
}

async function isThereAlready(client: AdminClient, { makes, body }: Write): Promise<boolean> {
  if (makes === undefined) return false;
  const answer = await client.send('GET', makes);
  const found = (answer.body ?? {}) as { target?: unknown };
  return answer.status === 200 && found.target === body?.target;
}
