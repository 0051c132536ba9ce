/** How long and how much is kept: the configuration's limits, unless people changed them while it runs. */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { syncDirectory } from '../buffer/segment-files.ts';
import type { RetentionLimits } from './retention.ts';
import { MIN_AGE_MS, MIN_BYTES } from './retention-bounds.ts';

const FILE = 'retention.json';

const limitsSchema = z.strictObject({
  maxAgeMs: z.int().min(MIN_AGE_MS),
  maxBytes: z.int().min(MIN_BYTES),
});

export class RetentionSettings {
  readonly configured: RetentionLimits;
  readonly #path: string;
  #changed: RetentionLimits | undefined;

  private constructor(path: string, configured: RetentionLimits, changed: RetentionLimits | undefined) {
    this.#path = path;
    this.configured = configured;
    this.#changed = changed;
  }

  /** An unreadable file counts as none: the configured limits hold then. */
  static async open(dataDir: string, configured: RetentionLimits): Promise<RetentionSettings> {
    const path = join(dataDir, FILE);
    const text = await readFile(path, 'utf8').catch(() => '');
    const parsed = limitsSchema.safeParse(parse(text));
    return new RetentionSettings(path, configured, parsed.success ? parsed.data : undefined);
  }

  get limits(): RetentionLimits {
    return this.#changed ?? this.configured;
  }

  get isChanged(): boolean {
    return this.#changed !== undefined;
  }

  /** Holds from the next round on, and after restarts. */
  async change(limits: RetentionLimits): Promise<void> {
    const temporary = `${this.#path}.new`;
    const handle = await open(temporary, 'w', 0o640);
    try {
      await handle.writeFile(JSON.stringify(limitsSchema.parse(limits)));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, this.#path);
    await syncDirectory(dirname(this.#path));
    this.#changed = limits;
  }

  /** Back to the configuration. */
  async reset(): Promise<void> {
    await rm(this.#path, { force: true });
    await syncDirectory(dirname(this.#path));
    this.#changed = undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
