import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** More than a local socket holds. */
const BUFFER_BYTES = 256 * 1024;
/** When so much has come and was not taken, the other side has to wait. */
const MOST_WAITING_BYTES = 256 * 1024;

/**
 * Says something over a local socket and gives what comes back until the other side ends it, all that has come in the meantime as
 * one piece. The engine writes line by line into a socket that holds a few hundred: it is read at once, because an engine that has to
 * wait for room is slower than one that does not. Ends without an error when the signal aborts.
 */
export async function* socketReads(
  socketPath: string,
  request: string,
  signal?: AbortSignal,
): AsyncIterable<Buffer> {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let waiting: Buffer[] = [];
  let bytes = 0;
  let isOver = false;
  let failure: Error | undefined;
  let wake = () => {};
  const socket = connect({
    path: socketPath,
    onread: {
      buffer,
      callback: (length) => {
        // A copy, because the next read overwrites the buffer.
        waiting.push(Buffer.from(buffer.subarray(0, length)));
        bytes += length;
        wake();
        return bytes < MOST_WAITING_BYTES;
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
    for (;;) {
      if (bytes === 0 && !isOver) await new Promise<void>((resolve) => (wake = resolve));
      // Whatever else is there already comes before the next turn of the event loop.
      if (!isOver) await nextTurn();
      if (bytes === 0) break;
      const [first = buffer, ...more] = waiting;
      const piece = more.length === 0 ? first : Buffer.concat(waiting);
      waiting = [];
      bytes = 0;
      yield piece;
      socket.resume();
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    socket.destroy();
  }
  if (failure !== undefined && signal?.aborted !== true) throw failure;
}
