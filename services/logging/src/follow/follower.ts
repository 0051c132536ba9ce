/** Follows the log files of some directories and hands their lines to the buffer, never skipping one. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FilePosition, Intake } from '../event/model.ts';
import type { Masker } from '../mask/mask.ts';
import { findLogFiles } from './discover.ts';
import { eventFromLine } from './line-event.ts';
import type { Line } from './lines.ts';
import { sourceOfFile } from './names.ts';
import { removable, removeFile, rotateIfLarge } from './rotate.ts';
import { FileTail, type KnownPosition } from './tail.ts';

/** After a rename or a removal, a last line without a newline is taken as it is once nothing was written for this long. */
const ABANDONED_MS = 60_000;
/** While the buffer refuses, the same lines are offered again. */
const REFUSED_RETRY_MS = 500;
/** A rename that failed (read-only mount, foreign owner) is not tried again at every round. */
const ROTATE_RETRY_MS = 60_000;

export interface FollowerOptions {
  readonly directories: readonly string[];
  readonly intervalMs: number;
  readonly rotateBytes: number;
  readonly rotateKeep: number;
  readonly maxLineBytes: number;
  readonly masker: Masker;
  readonly nowMs?: () => number;
}

export interface FollowerEvents {
  /** Resolves once the events are durable, rejects when they were not taken. */
  readonly deliver: (intakes: readonly Intake[]) => Promise<void>;
  readonly onUnparsable: (source: string, reason: string) => void;
  readonly onTruncated: (path: string) => void;
  readonly onRotated: (path: string) => void;
  readonly onRemoved: (path: string) => void;
  readonly onError: (kind: 'follow' | 'rotate', path: string, error: unknown) => void;
}

/** One followed file, for the pipeline's description. */
export interface FollowedFile {
  readonly path: string;
  readonly position: number;
  readonly sizeBytes: number;
  readonly generation: number;
}

export class Follower {
  readonly #options: FollowerOptions;
  readonly #events: FollowerEvents;
  readonly #known: Map<string, KnownPosition>;
  readonly #nowMs: () => number;
  readonly #tails = new Map<string, FileTail>();
  readonly #rotateAfterMs = new Map<string, number>();
  #isStopped = false;

  constructor(options: FollowerOptions, events: FollowerEvents, positions: readonly FilePosition[]) {
    this.#options = options;
    this.#events = events;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#known = new Map();
    for (const position of positions) this.#remember(position);
  }

  get files(): readonly FollowedFile[] {
    return [...this.#tails.values()].map((tail) => ({
      path: tail.path,
      position: tail.offset,
      sizeBytes: tail.sizeBytes,
      generation: tail.generation,
    }));
  }

  /** Identities of the files that are being followed now. */
  get liveKeys(): ReadonlySet<string> {
    return new Set([...this.#tails.values()].flatMap(({ key }) => (key === undefined ? [] : [key])));
  }

  /** Runs until the signal fires; what was delivered by then is durable. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => {
      this.#isStopped = true;
    });
    while (!signal.aborted) {
      await this.round(signal);
      await delay(this.#options.intervalMs, undefined, { signal }).catch(() => undefined);
    }
    for (const tail of this.#tails.values()) await tail.close();
    this.#tails.clear();
  }

  /** One look at everything: new files, new lines, rotation, removal. */
  async round(signal?: AbortSignal): Promise<void> {
    const vanished = await this.#discover();
    let hasMore = true;
    // Turn by turn, so that one busy file does not starve the others.
    while (hasMore && !this.#isStopped) {
      hasMore = false;
      for (const tail of [...this.#tails.values()]) {
        if (this.#isStopped) return;
        hasMore =
          (await this.#guard('follow', tail.path, () => this.#readSome(tail, signal))) === true || hasMore;
      }
      await this.#rotate();
    }
    await this.#remove();
    await this.#drop(vanished);
  }

  /** Opens what is new and returns what has no name any more. */
  async #discover(): Promise<readonly FileTail[]> {
    const vanished: FileTail[] = [];
    for (const directory of this.#options.directories) {
      const present = new Set<string>();
      const found = await this.#guard('follow', directory, () => findLogFiles(directory));
      if (found === undefined) continue;
      for (const file of found) {
        const id = `${directory}|${file.inode}`;
        present.add(id);
        const tail = this.#tails.get(id);
        if (tail !== undefined) {
          tail.path = file.path;
          tail.name = file.name;
          tail.isNameless = false;
          continue;
        }
        const lookUp = (key: string): KnownPosition | undefined => this.#known.get(key);
        const opened = await this.#guard('follow', file.path, () => FileTail.open(file, lookUp));
        if (opened !== undefined) this.#tails.set(id, opened);
      }
      for (const [id, tail] of this.#tails) {
        if (tail.directory !== directory || present.has(id)) continue;
        tail.isNameless = true;
        vanished.push(tail);
      }
    }
    return vanished;
  }

  /** A deleted file is still readable through its descriptor: it goes once it has been read after losing its name. */
  async #drop(vanished: readonly FileTail[]): Promise<void> {
    for (const tail of vanished) {
      const id = `${tail.directory}|${tail.inode}`;
      if (!tail.isReadToEnd || this.#tails.get(id) !== tail) continue;
      this.#tails.delete(id);
      // It may only have been out of sight: between two names, or one file too many.
      if (tail.key !== undefined)
        this.#remember({ key: tail.key, path: tail.path, generation: tail.generation, end: tail.offset });
      await tail.close();
    }
  }

  /** True when there may be more to read at once. */
  async #readSome(tail: FileTail, signal: AbortSignal | undefined): Promise<boolean> {
    const { lines, wasTruncated } = await tail.read(this.#options.maxLineBytes);
    if (wasTruncated) this.#events.onTruncated(tail.path);
    if (lines.length > 0) return this.#deliver(tail, lines, false, signal);
    const isFinished = tail.isNameless || tail.name.kind !== 'live';
    const isAbandoned = isFinished && this.#nowMs() - tail.modifiedMs > ABANDONED_MS;
    if (tail.isReadToEnd || !isAbandoned) return false;
    const rest = await tail.readRest();
    return rest === undefined ? false : this.#deliver(tail, [rest], true, signal);
  }

  async #deliver(
    tail: FileTail,
    lines: readonly Line[],
    isUnterminated: boolean,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const source = sourceOfFile(tail.directory, tail.name.base);
    const intakes: Intake[] = [];
    const oddities: string[] = [];
    const observedUs = this.#nowMs() * 1000;
    for (const line of lines) {
      const position = {
        key: tail.key ?? '',
        path: tail.path,
        generation: tail.generation,
        end: line.end,
      };
      const origin = { source, observedUs, position };
      const event = eventFromLine(line, origin, isUnterminated, this.#options.masker);
      if (event === undefined) continue;
      intakes.push(event.intake);
      if (event.oddity !== undefined) oddities.push(event.oddity);
    }
    if (!(await this.#insist(tail.path, intakes, signal))) return false;
    for (const reason of oddities) this.#events.onUnparsable(source, reason);
    tail.advance(lines.at(-1)?.end ?? tail.offset);
    return true;
  }

  /** Offers the lines until they are taken; false when the service stops first. */
  async #insist(path: string, intakes: readonly Intake[], signal: AbortSignal | undefined): Promise<boolean> {
    for (;;) {
      try {
        await this.#events.deliver(intakes);
        return true;
      } catch (error) {
        if (this.#isStopped || signal?.aborted === true) return false;
        this.#events.onError('follow', path, error);
        await delay(REFUSED_RETRY_MS, undefined, signal === undefined ? {} : { signal }).catch(
          () => undefined,
        );
        if (this.#isStopped) return false;
      }
    }
  }

  async #rotate(): Promise<void> {
    for (const tail of this.#tails.values()) {
      if (this.#nowMs() < (this.#rotateAfterMs.get(tail.path) ?? 0)) continue;
      try {
        const target = await rotateIfLarge(tail, this.#options.rotateBytes, this.#nowMs());
        if (target === undefined) continue;
        this.#events.onRotated(target);
        await this.#discover();
      } catch (error) {
        this.#rotateAfterMs.set(tail.path, this.#nowMs() + ROTATE_RETRY_MS);
        this.#events.onError('rotate', tail.path, error);
      }
    }
  }

  async #remove(): Promise<void> {
    for (const tail of removable([...this.#tails.values()], this.#options.rotateKeep, this.#nowMs())) {
      await this.#guard('rotate', tail.path, async () => {
        await removeFile(tail);
        await tail.close();
        this.#tails.delete(`${tail.directory}|${tail.inode}`);
        this.#events.onRemoved(tail.path);
      });
    }
  }

  #remember(position: FilePosition): void {
    const known = this.#known.get(position.key);
    const isFurther =
      known === undefined ||
      position.generation > known.generation ||
      (position.generation === known.generation && position.end > known.end);
    if (isFurther) this.#known.set(position.key, { generation: position.generation, end: position.end });
  }

  /** One file's trouble is told and counted; the others go on. */
  async #guard<T>(kind: 'follow' | 'rotate', path: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#events.onError(kind, path, error);
      return undefined;
    }
  }
}
