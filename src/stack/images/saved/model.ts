import * as z from 'zod';
import { FLAVOURS } from '../../../config/choices.ts';

/**
 * What an archive of images is: the engine's own stream behind a manifest that says what must come out of it, and before it the
 * npm packages that a clone is built with. scripts/offline/ reads these without any package; there, the clone's lock says what
 * they must be.
 */

/** The newest format that this program reads, and the one it writes; in format 1 there were no packages. */
export const FORMAT = 2;
/** A tar file of the packages as their registry gives them. */
export const PACKAGES_MEMBER = 'npm-packages.tar';
/** The member that the engine wrote; `docker load` takes it, too. */
export const STREAM_MEMBER = 'images.tar';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const size = z.int().nonnegative();

const imageSchema = z.strictObject({
  /** With its tag, as the configuration names it. */
  reference: z.string().regex(/^[\w][\w.:/-]{0,299}$/),
  id: digest,
  /** Under which its registry knows it; null for what was built on this machine or loaded. */
  digest: digest.nullable(),
  /** Unpacked, with the layers that it shares with others. */
  sizeBytes: size,
});
export type SavedImage = z.output<typeof imageSchema>;

const memberSchema = <const Name extends string>(name: Name) =>
  z.strictObject({ name: z.literal(name), bytes: size, sha256: z.string().regex(/^[0-9a-f]{64}$/) });

export const manifestSchema = z.strictObject({
  format: z.literal([1, FORMAT]),
  apictl: z.string().max(100),
  createdAt: z.iso.datetime(),
  flavour: z.enum(FLAVOURS),
  /** What the images run on, as `linux/amd64`. */
  platform: z.string().regex(/^[a-z0-9]+\/[a-z0-9_]+$/),
  images: z.array(imageSchema).min(1).max(100),
  /** How many npm packages. */
  packages: z.int().positive().max(10_000).optional(),
  members: z.union([
    z.tuple([memberSchema(STREAM_MEMBER)]),
    z.tuple([memberSchema(PACKAGES_MEMBER), memberSchema(STREAM_MEMBER)]),
  ]),
});
export type ImageManifest = z.output<typeof manifestSchema>;

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm' };

/** An engine names its processor as the kernel does, images as Go does. */
export const platformOf = (engine: { readonly osType: string; readonly architecture: string }): string =>
  `${engine.osType}/${ARCHITECTURES[engine.architecture] ?? engine.architecture}`;
