import * as z from 'zod';
import { FLAVOURS } from '../config/choices.ts';

/** What a backup is: an archive of sealed members behind a manifest in clear. */

/** The newest format that this program reads, and the one it writes. */
export const FORMAT = 1;

/** Names that are safe in any file system and in any message. */
const memberName = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,60}\.age$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.int().nonnegative();

const memberSchema = z.strictObject({
  name: memberName,
  /** Of the bytes as they lie in the archive, which are sealed. */
  bytes: size,
  sha256,
});
export type Member = z.output<typeof memberSchema>;

/** What can be read without the key: nothing in it is secret. */
export const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  apictl: z.string().max(100),
  project: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,40}$/),
  createdAt: z.iso.datetime(),
  /** One more than that of the backup before: clocks can be moved, this cannot. */
  sequence: z.int().positive(),
  flavour: z.enum(FLAVOURS),
  postgres: z.strictObject({ version: z.string().max(100), major: z.int().positive() }),
  /** Null where no gateway ran. */
  kong: z.strictObject({ version: z.string().max(100) }).nullable(),
  /** What opens it: a passphrase, or one of so many age identities. */
  key: z.strictObject({ kind: z.enum(['passphrase', 'recipients']), recipients: z.int().nonnegative() }),
  /** What is not in it, and why. */
  leftOut: z.array(z.strictObject({ what: z.string().max(200), why: z.string().max(500) })).max(100),
  /** In the order in which they lie in the archive. */
  members: z.array(memberSchema).min(2).max(500),
});
export type Manifest = z.output<typeof manifestSchema>;

/** The member that holds the key of all others, itself sealed with the passphrase or for the recipients. */
export const KEY_MEMBER = 'key.age';
/** The last member: what must not be in clear, and the manifest once more, so that nobody can change that. */
export const CONTENTS_MEMBER = 'contents.json.age';

const tableSchema = z.object({
  /** With its schema, as `public.routes`. */
  table: z.string(),
  rows: size,
  /** Sum of a hash of every row: does not depend on their order. */
  checksum: z.string(),
});
export type TableFacts = z.output<typeof tableSchema>;

const plainSchema = z.object({
  member: memberName,
  bytes: size.describe('Unsealed and unpacked: no more than this is ever taken out of it.'),
  sha256,
});

/** A member that is a packed tree, and how much comes out of it. */
const packedSchema = z.object({ member: memberName, entries: size, bytes: size });
export type PackedTree = z.output<typeof packedSchema>;

/** What lies in the container of a service. */
const treeSchema = packedSchema.extend({ service: z.string(), path: z.string().startsWith('/') });
export type SavedTree = z.output<typeof treeSchema>;

const silenceSchema = z.object({
  matchers: z.array(
    z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean() }),
  ),
  startsAt: z.string(),
  endsAt: z.string(),
  createdBy: z.string(),
  comment: z.string(),
});
export type SavedSilence = z.output<typeof silenceSchema>;

/** What the member `contents` holds. */
export const contentsSchema = z.object({
  /** The manifest with all members but this one. */
  manifest: manifestSchema.extend({ members: z.array(memberSchema).min(1) }),
  plain: z.array(plainSchema),
  databases: z.array(z.object({ name: z.string(), member: memberName, tables: z.array(tableSchema) })),
  /** Member with the database's roles. */
  roles: memberName,
  trees: z.array(treeSchema),
  /** Files of the project folder. */
  files: z.array(packedSchema),
  silences: z.array(silenceSchema),
  /** Name of the snapshot in Elasticsearch's repository; null where it did not run. */
  snapshot: z.string().nullable(),
  /** Kong's live state as `seed dump --all` writes it, secrets masked; null where no gateway ran. */
  kong: z.string().nullable(),
});
export type Contents = z.output<typeof contentsSchema>;
export type PlainFacts = Contents['plain'][number];
