/** The file system as far as we use it. Paths are absolute. */
export interface Files {
  /** The bytes of a file, or null where there is none. Other failures (permission, a directory) are thrown. */
  read(path: string): Promise<Buffer | null>;
  /**
   * Writes under a temporary name in the same folder, flushes, and renames: readers see the old or the new
   * content, never half of it. Folders on the way are made.
   */
  write(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /** Makes a folder (and those above it) with this mode; an existing one gets the mode. */
  makeFolder(path: string, mode?: number): Promise<void>;
  /** Gives a file or folder that is there these permission bits. */
  setMode(path: string, mode: number): Promise<void>;
  /** Names in a folder, sorted; empty where there is no such folder. */
  list(path: string): Promise<string[]>;
  /** What lies at the path, or null. */
  stat(path: string): Promise<FileFacts | null>;
  /** The path without symbolic links, or null where nothing is. */
  realPath(path: string): Promise<string | null>;
  /** Removes a file or a folder with everything in it; nothing there is fine. */
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /**
   * Makes a symbolic link with this text as its target, in the place of whatever file or link is there: readers see the old
   * or the new one, never none. The folder must be there.
   */
  link(path: string, target: string): Promise<void>;
  /** The file system that a path lies on; null where it cannot be told. */
  disk(path: string): Promise<DiskFacts | null>;
}

export interface DiskFacts {
  /** Where it is mounted, as `/var`. */
  readonly mountPoint: string;
  /** What this user can still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'other';
  /** Permission bits, as 0o444. */
  readonly mode: number;
  /** User id of the owner. */
  readonly owner: number;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}
