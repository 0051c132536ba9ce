import * as z from 'zod';
import { ApictlError, EXIT } from '../../core/errors.ts';

/**
 * The lock of images: which content each published reference stands for, whatever its tag is moved to. A file of the user's, to
 * be kept with the configuration.
 */
export const LOCK_FILE = 'images.lock';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const lockedSchema = z.strictObject({
  /** Under which registries know it, for all platforms. */
  digest,
  /** `linux/amd64` -> the id that engines give it, by which an image is known that came without a registry. */
  ids: z.record(z.string().regex(/^[a-z0-9]+\/[a-z0-9_]+$/), digest),
});
export type LockedImage = z.output<typeof lockedSchema>;

const lockSchema = z.strictObject({
  format: z.literal(1),
  /** Reference as the stack names it, without a mirror -> what it stands for. */
  images: z.record(z.string().regex(/^[\w][\w.:/-]{0,299}$/), lockedSchema),
});
export type ImageLock = Readonly<Record<string, LockedImage>>;

/** @throws ApictlError IMAGES_LOCK_INVALID (64) */
export function parseLock(text: string, path: string): ImageLock {
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch {
    throw invalid(path, 'it is no JSON');
  }
  const parsed = lockSchema.safeParse(tree);
  if (parsed.success) return parsed.data.images;
  const [issue] = parsed.error.issues;
  throw invalid(path, `${issue?.path.join(' / ') || 'its beginning'}: ${issue?.message}`);
}

/** One line for every fact, sorted, so that a change is small in the history of a project. */
export function lockText(lock: ImageLock): string {
  const sorted = <T>(given: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1)));
  const images = Object.fromEntries(
    Object.entries(sorted(lock)).map(([reference, { digest: of, ids }]) => [
      reference,
      { digest: of, ids: sorted(ids) },
    ]),
  );
  return `${JSON.stringify({ format: 1, images }, null, 2)}\n`;
}

const invalid = (path: string, why: string) =>
  new ApictlError({
    code: 'IMAGES_LOCK_INVALID',
    exitCode: EXIT.usage,
    message: `${path} is no lock of images: ${why}`,
    object: path,
    hint: 'Take it from the history of your project, or remove it and run "apictl images lock".',
  });
