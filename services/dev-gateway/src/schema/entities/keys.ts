import { createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto';
import type { EntitySchema } from '../entity.ts';
import type { EntityCheckFailure, FieldError, FieldSchema, PlainRecord } from '../field.ts';
import { isPlainRecord } from '../field.ts';
import { id, tags, timestamp } from '../typedefs.ts';
import { isVaultReference } from '../vault-reference.ts';

const name: FieldSchema = { type: 'string', required: false, unique: true };

export const keySets: EntitySchema = {
  name: 'key_sets',
  endpointKey: 'name',
  collection: 'key-sets',
  fields: { id, name, tags, created_at: timestamp, updated_at: timestamp },
  entity_checks: [],
};

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

function pemProblem(value: unknown): FieldError | undefined {
  const { public_key: open, private_key: secret } = value as PlainRecord;
  if (isVaultReference(open) || isVaultReference(secret)) return undefined;
  if (typeof open === 'string' && !succeeds(() => createPublicKey(open))) return 'could not load public key';
  if (typeof secret !== 'string') return undefined;
  if (!succeeds(() => createPrivateKey(secret))) return 'could not load private key';
  if (typeof open !== 'string') return undefined;
  const derived = createPublicKey(secret).export({ type: 'spki', format: 'pem' });
  const given = createPublicKey(open).export({ type: 'spki', format: 'pem' });
  return derived === given ? undefined : 'public key does not match private key';
}

function keyProblem({ jwk, pem, kid }: PlainRecord): EntityCheckFailure | undefined {
  if (typeof jwk === 'string' && !isVaultReference(jwk)) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(jwk);
    } catch {
      return { entity: 'could not json decode jwk string' };
    }
    if (!isPlainRecord(parsed) || parsed.kid !== kid) {
      return { entity: 'kid in jwk.kid must be equal to keys.kid' };
    }
    const key = parsed as JsonWebKey;
    const isKey = succeeds(() =>
      key.d === undefined
        ? createPublicKey({ key, format: 'jwk' })
        : createPrivateKey({ key, format: 'jwk' }),
    );
    if (!isKey) return { entity: 'could not load JWK, likely not a valid key' };
  }
  if (isPlainRecord(pem) && !pem.private_key && !pem.public_key) {
    return { entity: 'need to supply a PEM formatted public and/or private key.' };
  }
  return undefined;
}

export const keys: EntitySchema = {
  name: 'keys',
  endpointKey: 'name',
  uniqueTogether: [['kid', 'set']],
  fields: {
    id,
    set: { type: 'foreign', required: false, reference: 'key_sets', on_delete: 'cascade' },
    name,
    kid: { type: 'string', required: true, unique: false },
    jwk: { type: 'string', referenceable: true, encrypted: true },
    pem: {
      type: 'record',
      required: false,
      check: pemProblem,
      fields: {
        private_key: { type: 'string', required: false, referenceable: true, encrypted: true },
        public_key: { type: 'string', referenceable: true, required: false },
      },
      entity_checks: [{ at_least_one_of: ['private_key', 'public_key'] }],
    },
    tags,
    created_at: timestamp,
    updated_at: timestamp,
  },
  entity_checks: [
    { mutually_exclusive: ['jwk', 'pem'] },
    { at_least_one_of: ['jwk', 'pem'] },
    { custom_entity_check: { field_sources: ['jwk', 'pem', 'kid'], check: keyProblem } },
  ],
};
