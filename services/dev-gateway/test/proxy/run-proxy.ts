import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { GatewayLog } from '../../src/proxy/gateway-log.ts';
import { type ProxyHandle, type ProxyOptions, startProxy } from '../../src/proxy/server.ts';
import type { ProxySettings } from '../../src/proxy/settings.ts';
import type { Echo } from './backend.ts';
import { type Content, type MemorySnapshots, memorySnapshots } from './memory-snapshots.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  json(): Record<string, unknown>;
  echo(): Echo;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
  readonly tls?: { readonly serverName?: string };
}

export interface LogEntry {
  readonly level: string;
  readonly message: string;
}

export interface RunningProxy {
  readonly handle: ProxyHandle;
  readonly snapshots: MemorySnapshots;
  readonly logged: LogEntry[];
  readonly port: number;
  readonly tlsPort: number;
  call(path: string, call?: Call): Promise<Answer>;
  stop(): Promise<void>;
}

const listLog = (entries: LogEntry[]): GatewayLog => {
  const at = (level: string) => (message: string) => void entries.push({ level, message });
  return { info: at('info'), warn: at('warn'), error: at('error') };
};

const call = (port: number, path: string, given: Call): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method: given.method ?? 'GET',
      headers: given.headers ?? {},
      agent: false as const,
    };
    const request = given.tls
      ? httpsRequest({ ...options, rejectUnauthorized: false, servername: given.tls.serverName ?? '' })
      : httpRequest(options);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: () => JSON.parse(text) as Record<string, unknown>,
          echo: () => JSON.parse(text) as Echo,
        });
      });
    });
    request.on('error', reject);
    request.end(given.body);
  });

export type ProxyChanges = Partial<Omit<ProxyOptions, 'settings'>> & {
  readonly settings?: Partial<ProxySettings>;
};

/** The proxy with a configuration in memory, on ports of the system's choice. */
export const runProxy = async (content: Content, changes: ProxyChanges = {}): Promise<RunningProxy> => {
  const snapshots = memorySnapshots(content);
  const logged: LogEntry[] = [];
  const { settings, ...rest } = changes;
  const handle = await startProxy({
    settings: {
      listen: [
        { host: '127.0.0.1', port: 0, isTls: false, speaksHttp2: false },
        { host: '127.0.0.1', port: 0, isTls: true, speaksHttp2: true },
      ],
      certificate: { certs: [], keys: [] },
      dnsValidTtlMs: 5_000,
      trustedRanges: [],
      realIpHeader: 'X-Real-IP',
      upstreamIdleTimeoutMs: 60_000,
      workerProcesses: 1,
      ...settings,
    },
    snapshots,
    log: listLog(logged),
    nodeId: '00000000-0000-4000-8000-000000000001',
    version: '3.8.1',
    name: 'apictl-dev-gateway/test',
    workspace: { id: '00000000-0000-4000-8000-00000000000a', name: 'default' },
    databaseReachable: () => Promise.resolve(true),
    ...rest,
  });
  const port = handle.listeners.find((listener) => !listener.isTls)?.port ?? 0;
  const tlsPort = handle.listeners.find((listener) => listener.isTls)?.port ?? 0;
  return {
    handle,
    snapshots,
    logged,
    port,
    tlsPort,
    call: (path, given = {}) => call(given.tls ? tlsPort : port, path, given),
    stop: () => handle.stop(0),
  };
};
