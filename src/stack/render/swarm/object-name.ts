import { createHmac } from 'node:crypto';
import type { Secret } from '../../../core/secret.ts';

/** The engine's limit for names of secrets and configs. */
const LONGEST = 64;
const DIGEST_LENGTH = 16;

export interface NamedObject {
  readonly project: string;
  /** `secret` or `config`. */
  readonly kind: string;
  /** Its key in the stack file. */
  readonly key: string;
  readonly content: string | Uint8Array;
}

/**
 * The name of a secret or config with this content: another content gives another name. Keyed, because names are public: without
 * the key nobody can try values until a name comes out.
 */
export function objectName(key: Secret, { project, kind, key: label, content }: NamedObject): string {
  const hmac = createHmac('sha256', key.reveal());
  for (const part of [kind, label]) hmac.update(`${Buffer.byteLength(part)}:${part}`);
  const digest = hmac.update(content).digest('hex').slice(0, DIGEST_LENGTH);
  // The digest tells apart what is cut off.
  return `${`${project}_${label}`.slice(0, LONGEST - DIGEST_LENGTH - 1)}_${digest}`;
}
