/** Keeps bytes of the buffer that are no records, for people to look at. Its size is bounded. */
import { mkdir, open, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from './segment-files.ts';

const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

export class Quarantine {
  readonly #directory: string;
  #totalBytes: number;

  private constructor(directory: string, totalBytes: number) {
    this.#directory = directory;
    this.#totalBytes = totalBytes;
  }

  static async open(directory: string): Promise<Quarantine> {
    await mkdir(directory, { recursive: true });
    let totalBytes = 0;
    for (const name of await readdir(directory)) totalBytes += (await stat(join(directory, name))).size;
    return new Quarantine(directory, totalBytes);
  }

  /** Copies a damaged stretch of a segment. The name makes a repetition overwrite itself. */
  async keepBytes(path: string, from: number, end: number): Promise<void> {
    if (this.#totalBytes + (end - from) > MAX_TOTAL_BYTES) return;
    const source = await open(path, 'r');
    try {
      const bytes = Buffer.alloc(end - from);
      const { bytesRead } = await source.read(bytes, 0, bytes.length, from);
      const name = `${path.slice(path.lastIndexOf('/') + 1)}.${from}-${end}.bytes`;
      await this.#write(name, bytes.subarray(0, bytesRead));
    } finally {
      await source.close();
    }
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    await writeFile(join(this.#directory, name), bytes, { mode: 0o640, flush: true } as { mode: number });
    await syncDirectory(this.#directory);
    this.#totalBytes += bytes.length;
  }
}
