import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { Secret } from '../../core/secret.ts';

/** PostgreSQL's own count. */
const ITERATIONS = 4096;

/**
 * What PostgreSQL stores for a password (RFC 5803), so that the password itself enters neither a statement nor the server's log.
 * @param salt 16 random bytes
 */
export function scramVerifier(password: Secret, salt: Uint8Array): string {
  // Of SASLprep the part that changes anything: what is generated is ASCII.
  const salted = pbkdf2Sync(password.reveal().normalize('NFKC'), salt, ITERATIONS, 32, 'sha256');
  const keyed = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  const server = keyed('Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${Buffer.from(salt).toString('base64')}$${stored}:${server}`;
}
