import type { Kind } from '../model/kinds.ts';

/** A field as Kong's `/schemas/...` describes it, as far as comparing needs it. */
export interface FieldSchema {
  readonly type:
    | 'string'
    | 'integer'
    | 'number'
    | 'boolean'
    | 'array'
    | 'set'
    | 'map'
    | 'record'
    | 'foreign'
    | string;
  readonly default?: unknown;
  readonly required?: boolean;
  readonly auto?: boolean;
  readonly encrypted?: boolean;
  readonly fields?: readonly Readonly<Record<string, FieldSchema>>[];
  readonly elements?: FieldSchema;
  readonly values?: FieldSchema;
  readonly shorthand_fields?: readonly Readonly<Record<string, ShorthandSchema>>[];
}

/** An old name of a field that Kong still takes and shows besides the new one. */
export interface ShorthandSchema {
  readonly translate_backwards?: readonly string[];
  readonly deprecation?: { readonly replaced_with?: readonly { readonly path: readonly string[] }[] };
}

export interface EntitySchema {
  readonly fields: readonly Readonly<Record<string, FieldSchema>>[];
}

/** The schemas that a comparison needs: of each kind, and of each plugin and vault by its name. */
export interface Schemas {
  readonly kinds: Readonly<Partial<Record<Kind, EntitySchema>>>;
  readonly plugins: Readonly<Record<string, EntitySchema>>;
  readonly vaults: Readonly<Record<string, EntitySchema>>;
}

const text: FieldSchema = { type: 'string' };
const sealedText: FieldSchema = { type: 'string', encrypted: true };
const autoText: FieldSchema = { type: 'string', auto: true };
const foreign: FieldSchema = { type: 'foreign' };
const tags: FieldSchema = { type: 'set', elements: text };

const entity = (fields: Readonly<Record<string, FieldSchema>>): EntitySchema => ({
  fields: Object.entries({ ...fields, tags }).map(([name, field]) => ({ [name]: field })),
});

/** What does not change from version to version is not asked for: credentials, and the frame around a plugin's configuration. */
export const FIXED_SCHEMAS: Readonly<Partial<Record<Kind, EntitySchema>>> = {
  'key-auth': entity({
    consumer: foreign,
    key: { ...sealedText, auto: true },
    ttl: { type: 'integer', auto: true },
  }),
  'basic-auth': entity({ consumer: foreign, username: text, password: sealedText }),
  jwt: entity({
    consumer: foreign,
    key: autoText,
    secret: { ...sealedText, auto: true },
    rsa_public_key: text,
    algorithm: { type: 'string', default: 'HS256' },
  }),
  'hmac-auth': entity({ consumer: foreign, username: text, secret: { ...sealedText, auto: true } }),
  oauth2: entity({
    consumer: foreign,
    name: text,
    client_id: autoText,
    client_secret: { ...sealedText, auto: true },
    hash_secret: { type: 'boolean', default: false, required: true },
    redirect_uris: { type: 'array', elements: text },
    client_type: { type: 'string', default: 'confidential' },
  }),
  acl: entity({ consumer: foreign, group: text }),
  membership: entity({ consumer_group: foreign, consumer: foreign }),
  plugin: entity({
    name: text,
    instance_name: text,
    enabled: { type: 'boolean', default: true, required: true },
    service: foreign,
    route: foreign,
    consumer: foreign,
    consumer_group: foreign,
    ordering: { type: 'map' },
  }),
};
