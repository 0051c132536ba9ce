import { createHash, createPublicKey } from 'node:crypto';
import type { EntitySchema } from '../entity.ts';
import type { FieldSchema, PlainRecord } from '../field.ts';
import { id, tags, timestamp } from '../typedefs.ts';
import { ttl } from './oauth2.ts';

const consumer: FieldSchema = {
  type: 'foreign',
  required: true,
  reference: 'consumers',
  on_delete: 'cascade',
};

/** A random text when none is given. */
const generated: FieldSchema = { type: 'string', auto: true, unique: true, len_min: 1 };

export const keyauthCredentials: EntitySchema = {
  name: 'keyauth_credentials',
  endpointKey: 'key',
  collection: 'key-auths',
  nestedAs: 'key-auth',
  fields: {
    id,
    created_at: timestamp,
    consumer,
    key: generated,
    ttl,
    tags,
  },
  entity_checks: [],
};

const saltedHash = (password: string, consumerId: string): string =>
  createHash('sha1').update(password).update(consumerId).digest('hex');

/** The password is stored only as the hash that Kong stores: SHA-1, salted with the consumer's identifier. */
function hashPassword(credential: PlainRecord, given: PlainRecord): PlainRecord {
  // What is stored is a hash already; only a password that came now is hashed.
  if (given.password === undefined) return credential;
  const owner = credential.consumer as { id: string };
  return { ...credential, password: saltedHash(String(credential.password), owner.id) };
}

export const basicauthCredentials: EntitySchema = {
  name: 'basicauth_credentials',
  endpointKey: 'username',
  collection: 'basic-auths',
  nestedAs: 'basic-auth',
  derive: hashPassword,
  fields: {
    id,
    created_at: timestamp,
    consumer,
    username: { type: 'string', required: true, unique: true, len_min: 1 },
    password: { type: 'string', required: true, len_min: 1, encrypted: true },
    tags,
  },
  entity_checks: [],
};

export const hmacauthCredentials: EntitySchema = {
  name: 'hmacauth_credentials',
  endpointKey: 'username',
  collection: 'hmac-auths',
  nestedAs: 'hmac-auth',
  fields: {
    id,
    created_at: timestamp,
    consumer,
    username: { type: 'string', required: true, unique: true, len_min: 1 },
    secret: { type: 'string', auto: true, len_min: 1 },
    tags,
  },
  entity_checks: [],
};

function publicKeyProblem(value: unknown): string | undefined {
  try {
    createPublicKey(String(value));
    return undefined;
  } catch {
    return 'invalid key';
  }
}

export const jwtSecrets: EntitySchema = {
  name: 'jwt_secrets',
  endpointKey: 'key',
  collection: 'jwts',
  nestedAs: 'jwt',
  fields: {
    id,
    created_at: timestamp,
    consumer,
    key: generated,
    secret: { type: 'string', auto: true, len_min: 1, encrypted: true },
    rsa_public_key: { type: 'string', check: publicKeyProblem },
    algorithm: {
      type: 'string',
      default: 'HS256',
      one_of: [
        'HS256',
        'HS384',
        'HS512',
        'RS256',
        'RS384',
        'RS512',
        'ES256',
        'ES384',
        'ES512',
        'PS256',
        'PS384',
        'PS512',
        'EdDSA',
      ],
    },
    tags,
  },
  entity_checks: ['^RS', '^ES', '^PS', '^EdDSA$'].map((match) => ({
    conditional: {
      if_field: 'algorithm',
      if_match: { match },
      then_field: 'rsa_public_key',
      then_match: { required: true },
    },
  })),
};

export const acls: EntitySchema = {
  name: 'acls',
  uniqueTogether: [['consumer', 'group']],
  fields: {
    id,
    created_at: timestamp,
    consumer,
    group: { type: 'string', required: true, len_min: 1 },
    tags,
  },
  entity_checks: [],
};
