import { type FileHandle, open } from 'node:fs/promises';
import type { GatewayLog } from '../proxy/gateway-log.ts';

/** Beyond this much waiting text the disk is not keeping up, and lines are dropped rather than memory filled. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** Opening, writing and closing cost the same for one line as for hundreds; a reader does not notice the wait. */
const GATHER_MS = 20;

/**
 * Appends lines to a file in batches: what arrives while a write is under way goes out with the next one.
 * With `reopens` the file is opened anew for each batch, so that rotation by renaming is followed at once.
 */
export class LineFile {
  readonly #path: string;
  readonly #reopens: boolean;
  readonly #log: GatewayLog;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #handle: FileHandle | undefined;
  #writing: Promise<void> | undefined;
  #lastError: string | undefined;
  #isClosing = false;
  #wake: (() => void) | undefined;

  constructor(path: string, reopens: boolean, log: GatewayLog) {
    this.#path = path;
    this.#reopens = reopens;
    this.#log = log;
  }

  append(line: string): void {
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    this.#writing ??= this.#drain();
  }

  /** Resolves when all lines are written, and closes the file. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake?.();
    await this.#writing;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  #gather(): Promise<void> {
    if (this.#isClosing) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, GATHER_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #drain(): Promise<void> {
    await this.#gather();
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join('');
      this.#waiting = [];
      this.#waitingBytes = 0;
      await this.#write(text);
      if (this.#waiting.length > 0) await this.#gather();
    }
    this.#writing = undefined;
  }

  async #write(text: string): Promise<void> {
    try {
      this.#handle ??= await open(this.#path, 'a', 0o644);
      await this.#handle.appendFile(text);
      if (this.#reopens) {
        await this.#handle.close();
        this.#handle = undefined;
      }
      if (this.#lastError !== undefined) {
        this.#log.info(`file-log: ${this.#path} can be written again`, {
          path: this.#path,
          droppedLines: this.#dropped,
        });
        this.#lastError = undefined;
        this.#dropped = 0;
      }
    } catch (error) {
      this.#reportOnce(error, text.split('\n').length - 1);
    }
  }

  #reportOnce(error: unknown, lostLines: number): void {
    this.#dropped += lostLines;
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === this.#lastError) return;
    this.#lastError = reason;
    this.#log.error(
      `file-log: cannot write ${this.#path}: ${reason}; records are lost until it can be written`,
      {
        path: this.#path,
      },
    );
  }
}
