/** Files that are written and read at places, which archives of many gigabytes need. Paths are absolute. */
export interface ArchiveFiles {
  /**
   * A new file, with `mode` one that not only its owner can read. What is there under that name already is in the way.
   * @throws ApictlError FILE_UNUSABLE, DISK_FULL (8), here and in every method
   */
  create(path: string, mode?: number): Promise<NewFile>;
  /** Null where nothing is. @throws ApictlError FILE_UNUSABLE (8) for what is no ordinary file */
  open(path: string): Promise<OpenFile | null>;
}

export interface NewFile {
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Flushes it and gives it its final name, which nothing has yet: before that nobody sees it under that name. */
  commit(path: string): Promise<void>;
  /** Removes it; after `commit` nothing happens. */
  discard(): Promise<void>;
}

export interface OpenFile {
  readonly sizeBytes: number;
  /** The bytes at a place, fewer only at the end of the file. */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}
