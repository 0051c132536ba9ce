/** The `hosts` of a route: plain names, `*.example.test`, `example.*`, each optionally with `:port`. */

export interface HostPattern {
  readonly isPlain: boolean;
  matches(host: string, port: number): boolean;
}

const PORT_SUFFIX = /^([^:]*|\[[^\]]*\]):(\d+)$/;

export const compileHost = (pattern: string): HostPattern => {
  const lower = pattern.toLowerCase();
  const withPort = PORT_SUFFIX.exec(lower);
  const name = withPort?.[1] ?? lower;
  const wantedPort = withPort ? Number(withPort[2]) : undefined;
  const portFits = (port: number): boolean => wantedPort === undefined || wantedPort === port;
  if (name.startsWith('*')) {
    const suffix = name.slice(1);
    return { isPlain: false, matches: (host, port) => host.endsWith(suffix) && portFits(port) };
  }
  if (name.endsWith('*')) {
    const prefix = name.slice(0, -1);
    return { isPlain: false, matches: (host, port) => host.startsWith(prefix) && portFits(port) };
  }
  return { isPlain: true, matches: (host, port) => host === name && portFits(port) };
};
