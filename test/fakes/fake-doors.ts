import { peculiarX509 } from '../../src/adapters/x509.ts';
import { certificatePath } from '../../src/certs/model.ts';
import type { ContainerSummary, Engine } from '../../src/core/ports/engine.ts';
import type { Files } from '../../src/core/ports/files.ts';
import type { Handshakes, ShownCertificate } from '../../src/core/ports/handshakes.ts';
import { summary } from './containers.ts';

const DOORS = { 8443: 'proxy', 8444: 'admin' } as const;

/** A gateway with two TLS doors that reads its certificates at its start and when it is told to. */
export function fakeDoors(files: Files, root: string) {
  const shown = new Map<number, ShownCertificate>();
  const done: string[] = [];
  let isDeaf = false;
  const load = async (): Promise<void> => {
    const pems = await Promise.all(
      Object.entries(DOORS).map(async ([port, name]) => ({
        port: Number(port),
        pem: (await files.read(certificatePath(root, name)))?.toString('utf8') ?? null,
      })),
    );
    // As nginx, which takes all of its files or goes on with what it has.
    if (pems.some(({ pem }) => pem !== null && peculiarX509.split(pem).length === 0)) return;
    for (const { port, pem } of pems) {
      if (pem === null) continue;
      const { serialNumber, fingerprint } = peculiarX509.read(pem);
      shown.set(port, { serialNumber, fingerprint });
    }
  };
  const port = (number: number) => ({
    hostAddress: '127.0.0.1',
    hostPort: number,
    containerPort: number,
    protocol: 'tcp',
  });
  let labels: Record<string, string> = { 'io.apictl.certificates': 'SIGHUP' };
  const kong = (): ContainerSummary =>
    summary({
      service: 'kong',
      labels,
      ports: [port(8443), port(8444)],
    });
  let isRunning = false;
  const engine: Pick<Engine, 'containers' | 'signal' | 'stop' | 'start'> = {
    containers: async () => (isRunning ? [kong()] : []),
    signal: async (id, name) => {
      done.push(`signal ${id} ${name}`);
      if (!isDeaf) await load();
    },
    stop: async (id) => void done.push(`stop ${id}`),
    start: async (id) => {
      done.push(`start ${id}`);
      await load();
    },
  };
  const handshakes: Handshakes = {
    shown: async ({ port: number }) => shown.get(number) ?? { serialNumber: 'none', fingerprint: 'none' },
  };
  return {
    engine: engine as Engine,
    handshakes,
    /** What was asked of the engine, in its order. */
    done,
    serial: (number: keyof typeof DOORS): string | undefined => shown.get(number)?.serialNumber,
    /** Starts it with the files as they are. */
    open: async () => {
      isRunning = true;
      await load();
    },
    /** As a service that reads its files at its start only. */
    forgetReload: () => {
      labels = {};
    },
    /** From now on it hears no signal. */
    deafen: () => {
      isDeaf = true;
    },
  };
}
