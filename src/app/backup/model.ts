import * as z from 'zod';
import type { Manifest } from '../../backup/model.ts';
import type { Lock, Opener } from '../../backup/seal.ts';

/** What `backup create --json` prints. */
export const createResultSchema = z.object({
  file: z.string().describe('Absolute path.'),
  sizeBytes: z.number().int(),
  sequence: z.number().int(),
  createdAt: z.string(),
  databases: z.array(z.object({ name: z.string(), tables: z.number().int(), rows: z.number().int() })),
  saved: z.array(z.string()).describe('Services and files whose data is in it.'),
  leftOut: z.array(z.object({ what: z.string(), why: z.string() })),
  removed: z.array(z.string()).describe('Older backups that were too many by `backup.keep`.'),
});
export type CreateResult = z.output<typeof createResultSchema>;

export interface CreateOptions {
  readonly lock: Lock;
  readonly waitLockSeconds: number;
}

/** What `backup ls --json` prints. */
export const listResultSchema = z.object({
  folder: z.string(),
  backups: z.array(
    z.object({
      name: z.string(),
      project: z.string().nullable(),
      createdAt: z.string().nullable(),
      sizeBytes: z.number().int(),
      sequence: z.number().int().nullable(),
      images: z.enum(['official', 'embedded']).nullable(),
      postgres: z.string().nullable(),
      kong: z.string().nullable(),
      key: z.enum(['passphrase', 'recipients']).nullable(),
      verifiedAt: z.string().nullable(),
      problem: z.string().nullable(),
    }),
  ),
});
export type ListResult = z.output<typeof listResultSchema>;

/** What `backup verify --json` prints. */
export const verifyResultSchema = z.object({
  file: z.string(),
  same: z.boolean(),
  checks: z.array(z.object({ what: z.string(), how: z.string(), differences: z.array(z.string()) })),
  seconds: z.number(),
});
export type VerifyResult = z.output<typeof verifyResultSchema>;

/** Asked once everything about a backup is right that can be seen without its key. */
export type AskOpener = (kind: Manifest['key']['kind']) => Promise<Opener>;

export interface VerifyOptions {
  readonly file: string;
  readonly opener: AskOpener;
}

/** What `restore --json` prints. */
export const restoreResultSchema = z.object({
  file: z.string(),
  createdAt: z.string().describe('When the backup was made.'),
  databases: z.array(z.object({ name: z.string(), tables: z.number().int(), rows: z.number().int() })),
  restored: z.array(z.string()),
  savedAs: z.string().nullable().describe('The backup of what was there before, with --replace.'),
  state: z.enum(['healthy', 'degraded']),
  seconds: z.number(),
  urls: z.record(z.string(), z.string()),
});
export type RestoreResult = z.output<typeof restoreResultSchema>;

export interface RestoreOptions {
  readonly file: string;
  readonly opener: AskOpener;
  readonly replace: boolean;
  /** With `replace`: save what is there before. */
  readonly save: boolean;
  readonly timeoutSeconds: number;
  readonly waitLockSeconds: number;
}
