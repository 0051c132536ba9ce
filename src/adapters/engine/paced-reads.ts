import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** More than a local socket holds. */
const BUFFER_BYTES = 256 * 1024;
/** After less than this the writer is given a moment. */
const SMALL_BYTES = 8 * 1024;
/** Shorter than a busy engine needs to fill the socket, so that it never waits for us. */
const MOMENT_MS = 1;

/**
 * Says something over a local socket and gives what comes back until the other side ends it. The engine writes line by
 * line, and a read for each of 100,000 lines costs more than everything that is done with them: so the socket is left alone
 * for a moment after each small read, and whatever has come in the meantime is one piece.
 * A piece is overwritten by the next one. Ends without an error when the signal aborts.
 */
export async function* pacedReads(
  socketPath: string,
  request: string,
  signal?: AbortSignal,
): AsyncIterable<Buffer> {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let length = 0;
  let isOver = false;
  let failure: Error | undefined;
  let wake = () => {};
  const socket = connect({
    path: socketPath,
    onread: {
      buffer,
      callback: (bytes) => {
        length = bytes;
        wake();
        // Nothing more is read until what is there has been taken.
        return false;
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
      if (length === 0 && !isOver) await new Promise<void>((resolve) => (wake = resolve));
      if (length === 0) break;
      const bytes = buffer.subarray(0, length);
      length = 0;
      yield bytes;
      if (bytes.length < SMALL_BYTES && !isOver) await delay(MOMENT_MS);
      socket.resume();
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    socket.destroy();
  }
  if (failure !== undefined && signal?.aborted !== true) throw failure;
}
