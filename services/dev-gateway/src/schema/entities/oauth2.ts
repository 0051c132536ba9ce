/** What the OAuth 2.0 plugin keeps: applications of consumers, and the tokens that they were given. */
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import type { EntitySchema } from '../entity.ts';
import type { FieldSchema, PlainRecord } from '../field.ts';
import { id, tags, timestamp } from '../typedefs.ts';

function redirectProblem(value: unknown): string | undefined {
  const uri = String(value);
  if (!/^[A-Za-z0-9][A-Za-z0-9+.-]*:\/\/[^/]+/.test(uri)) return `cannot parse '${uri}'`;
  return uri.includes('#') ? `fragment not allowed in '${uri}'` : undefined;
}

const ITERATIONS = 10_000;
const LENGTH = 32;

const phc = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

/** The secret in PHC's notation for PBKDF2, for those who asked that it is not kept in clear. */
function hashSecret(credential: PlainRecord, given: PlainRecord): PlainRecord {
  if (
    credential.hash_secret !== true ||
    (given.client_secret === undefined && given.hash_secret === undefined)
  ) {
    return credential;
  }
  const salt = randomBytes(16);
  const hash = pbkdf2Sync(String(credential.client_secret), salt, ITERATIONS, LENGTH, 'sha512');
  const client_secret = `$pbkdf2-sha512$i=${ITERATIONS},l=${LENGTH}$${phc(salt)}$${phc(hash)}`;
  return { ...credential, client_secret };
}

export const oauth2Credentials: EntitySchema = {
  name: 'oauth2_credentials',
  endpointKey: 'client_id',
  collection: 'oauth2',
  derive: hashSecret,
  fields: {
    id,
    created_at: timestamp,
    consumer: { type: 'foreign', reference: 'consumers', required: true, on_delete: 'cascade' },
    name: { type: 'string', required: true },
    client_id: { type: 'string', required: false, unique: true, auto: true },
    client_secret: { type: 'string', required: false, auto: true, encrypted: true },
    hash_secret: { type: 'boolean', required: true, default: false },
    redirect_uris: {
      type: 'array',
      required: false,
      elements: { type: 'string', check: redirectProblem },
    },
    tags,
    client_type: {
      type: 'string',
      required: true,
      default: 'confidential',
      one_of: ['confidential', 'public'],
    },
  },
  entity_checks: [],
};

/** Seconds that an entity has to live; not a field of Kong's schemas, and so not shown with them. */
export const ttl: FieldSchema = { type: 'integer', between: [0, 100_000_000] };

export const oauth2Tokens: EntitySchema = {
  name: 'oauth2_tokens',
  endpointKey: 'access_token',
  fields: {
    id,
    created_at: timestamp,
    service: { type: 'foreign', reference: 'services', default: null, on_delete: 'cascade' },
    credential: { type: 'foreign', reference: 'oauth2_credentials', required: true, on_delete: 'cascade' },
    token_type: { type: 'string', required: true, one_of: ['bearer'], default: 'bearer' },
    expires_in: { type: 'integer', required: true },
    access_token: { type: 'string', required: false, unique: true, auto: true },
    refresh_token: { type: 'string', required: false, unique: true },
    authenticated_userid: { type: 'string', required: false },
    scope: { type: 'string' },
    ttl,
  },
  entity_checks: [],
};
