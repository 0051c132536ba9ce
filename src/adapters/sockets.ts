import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { systemCodeOf } from '../core/errors.ts';
import type { PortHolder, Sockets } from '../core/ports/sockets.ts';

/** The Sockets port: tries to listen, and looks for the holder in /proc on Linux and with lsof on macOS. */
export const systemSockets: Sockets = {
  probe: (address, port) =>
    new Promise((resolve, reject) => {
      const server = createServer();
      server.once('error', (thrown) => {
        const code = systemCodeOf(thrown);
        if (code === 'EADDRINUSE') resolve('taken');
        else if (code === 'EACCES') resolve('forbidden');
        else if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') resolve('no-address');
        else reject(thrown);
      });
      // Without `ipv6Only` a listener at :: asks for IPv4 too, and which of the two is taken could not be told.
      const options = { host: address, port, exclusive: true, ipv6Only: address.includes(':') };
      server.listen(options, () => server.close(() => resolve('free')));
    }),
  holder: (_address, port) => {
    if (process.platform === 'linux') return linuxHolder(port);
    return process.platform === 'darwin' ? darwinHolder(port) : Promise.resolve(null);
  },
};

/** The state column of /proc/net/tcp for a listener. */
const LISTENING = '0A';

async function linuxHolder(port: number): Promise<PortHolder | null> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const inodes = new Set(tables.flatMap((table) => listenersAt(table, port)));
  if (inodes.size === 0) return null;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (await holdsSocket(pid, inodes)) {
      const command = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
      return { pid: Number(pid), command: command || 'unknown' };
    }
  }
  return null;
}

/** Socket inodes of the listeners at a port, out of the text of /proc/net/tcp. */
function listenersAt(table: string, port: number): string[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(
      (fields) => fields[3] === LISTENING && Number.parseInt(fields[1]?.split(':')[1] ?? '', 16) === port,
    )
    .map((fields) => fields[9] ?? '');
}

async function holdsSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  // A process that ends meanwhile, or that belongs to another user, cannot be looked into.
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

async function darwinHolder(port: number): Promise<PortHolder | null> {
  const { execa } = await import('execa');
  const { stdout } = await execa('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { reject: false });
  const pid = /^p(\d+)$/m.exec(stdout)?.[1];
  const command = /^c(.+)$/m.exec(stdout)?.[1];
  return pid === undefined ? null : { pid: Number(pid), command: command ?? 'unknown' };
}
