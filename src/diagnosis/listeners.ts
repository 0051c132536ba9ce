/** The state column of /proc/net/tcp for a listener. */
const LISTENING = '0A';
/** Where Docker's own name server listens in every container. */
const NAME_SERVER = '0B00007F';

/** Ports with a listener, ascending, out of the text of /proc/net/tcp and /proc/net/tcp6 of a container. */
export function listeningPorts(tables: string): number[] {
  const ports = tables
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTENING && !fields[1]?.startsWith(NAME_SERVER))
    .map((fields) => Number.parseInt(fields[1]?.split(':')[1] ?? '', 16))
    .filter((port) => port > 0);
  return [...new Set(ports)].sort((a, b) => a - b);
}
