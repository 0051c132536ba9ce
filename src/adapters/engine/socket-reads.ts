import { connect } from 'node:net';

/** What is read lies one behind the other in buffers of this size, so that nothing has to be copied to become one piece. */
const BUFFER_BYTES = 256 * 1024;
/** What a read may take at least: about as many lines as a local socket holds. */
const READ_BYTES = 64 * 1024;
/** So much goes on at once: what a piece costs besides its bytes is more than what a line costs. */
const PIECE_BYTES = 64 * 1024;
/** Less than that goes on after this time. */
const GATHER_MS = 4;
/** When so much has come and was not taken, the other side has to wait. */
const MOST_WAITING_BYTES = 256 * 1024;

/**
 * Says something over a local socket and gives what comes back until the other side ends it, all that has come in the meantime as
 * one piece. The engine writes line by line into a socket that holds a few hundred: it is read at once, because an engine that has to
 * wait for room is slower than one that does not. A piece is good until the next is asked for. Ends without an error when the signal
 * aborts.
 */
export async function* socketReads(
  socketPath: string,
  request: string,
  signal?: AbortSignal,
): AsyncIterable<Buffer> {
  const arrived = new Arrived();
  let isOver = false;
  let failure: Error | undefined;
  let awaitedBytes = 0;
  let wake = () => {};
  /** Resolves when so much waits, when nothing more comes, or after the time. */
  const arrival = async (bytes: number, longestMs?: number): Promise<void> => {
    if (arrived.waitingBytes >= bytes || isOver) return;
    awaitedBytes = bytes;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (longestMs !== undefined) timer = setTimeout(resolve, longestMs);
    });
    clearTimeout(timer);
  };
  const socket = connect({
    path: socketPath,
    onread: {
      buffer: () => arrived.room(),
      callback: (length) => {
        arrived.add(length);
        if (arrived.waitingBytes >= awaitedBytes) wake();
        return arrived.waitingBytes < MOST_WAITING_BYTES;
      },
    },
  });
  socket.on('error', (thrown) => {
    failure = thrown;
  });
  socket.on('close', () => {
    isOver = true;
    wake();
  });
  const stop = () => socket.destroy();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  socket.write(request);
  try {
    for (let isFirst = true; ; isFirst = false) {
      await arrival(1);
      // A short answer comes as one.
      if (!isFirst) await arrival(PIECE_BYTES, GATHER_MS);
      if (arrived.waitingBytes === 0) break;
      yield arrived.take();
      socket.resume();
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    socket.destroy();
  }
  if (failure !== undefined && signal?.aborted !== true) throw failure;
}

/**
 * What has arrived and was not taken yet. It lies in two buffers that take turns: memory that is touched for the first time costs
 * more than all that is done with what is read into it.
 */
class Arrived {
  #buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  /** Of the present buffer: what has been taken, and what has arrived. */
  #taken = 0;
  #end = 0;
  /** The end of the buffer before, where it was not taken yet. */
  #before: Buffer[] = [];
  #other: Buffer | undefined;
  /** Whether all pieces that lay in the other buffer are done with. */
  #isOtherFree = false;
  waitingBytes = 0;

  /** Where the next read may write. */
  room(): Uint8Array {
    if (this.#buffer.length - this.#end < READ_BYTES) this.#changeBuffers();
    return this.#buffer.subarray(this.#end);
  }

  /** Counts what a read has written there. */
  add(bytes: number): void {
    this.#end += bytes;
    this.waitingBytes += bytes;
  }

  /** All that waits, as one piece that nothing is written over until the next is taken. */
  take(): Buffer {
    const last = this.#buffer.subarray(this.#taken, this.#end);
    const piece = this.#before.length === 0 ? last : Buffer.concat([...this.#before, last]);
    this.#before = [];
    this.#isOtherFree = true;
    this.#taken = this.#end;
    this.waitingBytes = 0;
    return piece;
  }

  #changeBuffers(): void {
    const left = this.#buffer;
    if (this.#taken < this.#end) this.#before.push(left.subarray(this.#taken, this.#end));
    const free = this.#isOtherFree ? this.#other : undefined;
    this.#buffer = free ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
    this.#other = left;
    this.#isOtherFree = false;
    this.#taken = 0;
    this.#end = 0;
  }
}
