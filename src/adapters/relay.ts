import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Relay } from '../core/ports/relay.ts';

/** The Relay port over a server on a port that the kernel chooses. */
export const loopbackRelay: Relay = {
  open: async (carry) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      // Told by its end: whoever asked sees a connection that was closed.
      socket.on('error', () => {});
      void carryOver(socket, carry(socket)).finally(() => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      port: (server.address() as AddressInfo).port,
      close: () => {
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    };
  },
};

async function carryOver(socket: Socket, back: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const bytes of back) {
      if (!socket.write(bytes)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
    }
  } catch {
    // The other end broke off; the client sees it by the end of its connection.
  }
}
