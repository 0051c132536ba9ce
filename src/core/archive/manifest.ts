import * as z from 'zod';
import type { ApictlError } from '../errors.ts';
import type { ArchiveFailures } from './model.ts';

/** What a kind of archive says in its manifest. */
export interface ManifestKind<M> {
  readonly schema: z.ZodType<M>;
  /** The newest format that this program reads. */
  readonly format: number;
  readonly failures: ArchiveFailures & {
    readonly unfit: (path: string, why: string, hint: string) => ApictlError;
  };
}

/**
 * The manifest in the bytes at the beginning of an archive.
 * @throws ApictlError unfit for one of a newer apictl, damaged for what is no manifest
 */
export function parseManifest<M>(bytes: Buffer, path: string, kind: ManifestKind<M>): M {
  const { damaged, unfit } = kind.failures;
  let tree: unknown;
  try {
    tree = JSON.parse(bytes.toString('utf8'));
  } catch (thrown) {
    throw damaged(path, 'there is no manifest at its beginning', thrown);
  }
  const version = z.looseObject({ format: z.int(), apictl: z.string() }).safeParse(tree);
  if (version.success && version.data.format > kind.format) {
    const { format, apictl } = version.data;
    throw unfit(
      path,
      `it has format ${format}, made by apictl ${apictl}; this one reads up to format ${kind.format}`,
      `Use apictl ${apictl} or newer.`,
    );
  }
  const parsed = kind.schema.safeParse(tree);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(
    path,
    `its manifest is wrong at ${issue?.path.join('.') || 'its beginning'}: ${issue?.message}`,
  );
}
