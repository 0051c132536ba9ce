/** A request's stream -> its bytes, in memory that is used again. */
import type { Readable } from 'node:stream';
import { bodyTooLarge, HttpProblem } from '../http/problem.ts';
import type { PieceMemory } from '../piece-memory.ts';

/** Grows only where the sender did not say how much there is. */
class Gathered {
  readonly #memory: PieceMemory;
  #piece: Buffer;
  #length = 0;

  constructor(memory: PieceMemory, expectedBytes: number) {
    this.#memory = memory;
    this.#piece = memory.take(expectedBytes);
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): Buffer {
    return this.#piece.subarray(0, this.#length);
  }

  add(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#piece.length) {
      const larger = this.#memory.take(Math.max(needed, this.#piece.length * 2));
      larger.set(this.bytes);
      this.discard();
      this.#piece = larger;
    }
    this.#piece.set(chunk, this.#length);
    this.#length = needed;
  }

  discard(): void {
    this.#memory.giveBack(this.#piece);
  }
}

/** A sender that says nothing is expected to send this much. */
const UNDECLARED_BYTES = 16 * 1024;

/**
 * Reads to the end. Whoever is done with the bytes gives them back to the memory.
 * @param declaredBytes what the sender says that it sends; undefined where it says nothing
 * @throws HttpProblem 413, and 400 where the stream breaks off
 */
export function receiveBody(
  stream: Readable,
  declaredBytes: number | undefined,
  maxBytes: number,
  memory: PieceMemory,
): Promise<Buffer> {
  if (declaredBytes !== undefined && declaredBytes > maxBytes) return Promise.reject(bodyTooLarge());
  const gathered = new Gathered(memory, declaredBytes ?? UNDECLARED_BYTES);
  return new Promise((resolve, reject) => {
    function fail(problem: HttpProblem): void {
      stream.off('data', onData).off('end', onEnd).off('error', onError);
      gathered.discard();
      reject(problem);
    }
    function onData(chunk: Buffer): void {
      if (gathered.length + chunk.length > maxBytes) fail(bodyTooLarge());
      else gathered.add(chunk);
    }
    function onError(error: Error): void {
      fail(new HttpProblem(400, 'BAD_REQUEST', error.message));
    }
    function onEnd(): void {
      resolve(gathered.bytes);
    }
    stream.on('data', onData).on('end', onEnd).on('error', onError);
  });
}
