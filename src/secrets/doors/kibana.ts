import * as z from 'zod';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { Http } from '../../core/ports/http.ts';
import type { Secret } from '../../core/secret.ts';
import type { Door } from '../door.ts';
import { basicLogin, unexpected } from './http.ts';
import { presentValue } from './present.ts';

export interface KibanaAccess {
  readonly http: Http;
  /** As `http://127.0.0.1:5601`. */
  readonly url: string;
  /** Of the user elastic: only a superuser may have stored objects encrypted anew. */
  readonly elasticPassword: () => Promise<Secret>;
  /** The second key that Kibana starts with, which it decrypts with and never encrypts; null where its file is lost. */
  readonly readFormer: () => Promise<Secret | null>;
  readonly writeFormer: (value: Secret) => Promise<void>;
}

const service = 'kibana';

const encryptedSchema = z.object({ total: z.number(), successful: z.number(), failed: z.number() });

/**
 * What Kibana stores encrypted. It reads both keys when it starts: the new one, and the one of before as its former key, until all objects
 * are encrypted with the new one. Whatever is still encrypted with the key before those two would be lost: so all objects are first
 * encrypted with the present one.
 */
export function kibanaObjectsDoor(access: KibanaAccess): Door {
  let before: Secret | null = null;
  return {
    holding: {
      admit: async (current) => {
        const present = presentValue('kibana-encryption-key', current);
        await encryptAnew(access);
        before ??= await access.readFormer();
        await access.writeFormer(present);
      },
      retire: () => encryptAnew(access),
      undo: async () => {
        if (before !== null) await access.writeFormer(before);
      },
    },
  };
}

/** @throws ApictlError SECRET_DOOR_FAILED (4) also where only some objects could be decrypted */
async function encryptAnew({ http, url, elasticPassword }: KibanaAccess): Promise<void> {
  const response = await http.request({
    method: 'POST',
    url: `${url}/api/encrypted_saved_objects/_rotate_key`,
    headers: { authorization: basicLogin('elastic', await elasticPassword()), 'kbn-xsrf': 'apictl' },
  });
  const done = response.status === 200 ? encryptedSchema.safeParse(JSON.parse(response.body)) : null;
  if (done?.success !== true) throw unexpected(service, 'to encrypting its stored objects anew', response);
  const { failed, total } = done.data;
  if (failed === 0) return;
  throw new ApictlError({
    code: 'SECRET_DOOR_FAILED',
    exitCode: EXIT.unhealthy,
    message: `Kibana could not decrypt ${failed} of ${total} stored objects, or not write them; they keep the key that they have`,
    object: 'service kibana',
    hint: 'See "apictl logs kibana": it names the objects. What nobody can decrypt any more has to be deleted in Kibana.',
  });
}
