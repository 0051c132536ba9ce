import type { ApictlError } from '../errors.ts';

/** A member as it lies in an archive. */
export interface ArchiveMember {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What every manifest says. */
export interface ArchiveManifest {
  /** RFC 3339; also the date in every tar header. */
  readonly createdAt: string;
  /** In the order in which they lie in the archive. */
  readonly members: readonly ArchiveMember[];
}

/** How a kind of archive says what is wrong with one. */
export interface ArchiveFailures {
  /** Not, byte for byte, what was written once. */
  readonly damaged: (path: string, why: string, cause?: unknown) => ApictlError;
  /** It holds what no archive of this kind holds, as a path out of its folder. */
  readonly hostile: (path: string, why: string) => ApictlError;
}
