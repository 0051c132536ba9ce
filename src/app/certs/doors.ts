import type { WantedCertificate } from '../../certs/model.ts';
import { certificatePath } from '../../certs/model.ts';
import { readFacts } from '../../certs/read.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { CertificateFacts } from '../../core/ports/x509.ts';
import type { Project } from '../project/project.ts';
import { hostOf } from '../project/urls.ts';
import type { World } from '../world.ts';

/** A certificate and the door at which it is shown to the outside. */
export interface Door {
  readonly want: WantedCertificate;
  readonly container: ContainerSummary;
  readonly host: string;
  readonly port: number;
}

/** The doors of wanted certificates that stand open: their service runs and publishes its port. */
export function openDoors(
  { config }: Project,
  wanted: readonly WantedCertificate[],
  containers: readonly ContainerSummary[],
): Door[] {
  const host = hostOf(config.bind).replace(/^\[|\]$/g, '');
  return wanted.flatMap((want) => {
    const container = containers.find(
      ({ service, state }) => service === want.service && state === 'running',
    );
    if (container === undefined || want.port === null) return [];
    const port = config.ports[want.port];
    return container.ports.some(({ hostPort }) => hostPort === port) ? [{ want, container, host, port }] : [];
  });
}

const HANDSHAKE_MS = 5_000;

/**
 * What a door shows and what lies in the file: `null` where they are the same certificate, and where the file holds none to
 * compare with.
 * @throws ApictlError TLS_UNREACHABLE (4)
 */
export async function difference(
  world: Pick<World, 'files' | 'x509' | 'handshakes' | 'signal'>,
  root: string,
  { want, host, port }: Door,
): Promise<{ readonly shown: string; readonly file: string } | null> {
  const file = await certificateInFile(world, root, want.name);
  if (file === null) return null;
  const shown = await world.handshakes.shown({ host, port, timeoutMs: HANDSHAKE_MS, signal: world.signal });
  return shown.fingerprint === file.fingerprint
    ? null
    : { shown: shown.serialNumber, file: file.serialNumber };
}

/** Null where there is no file and where its bytes are no certificate: what is wrong with a file, its judgement tells. */
export async function certificateInFile(
  { files, x509 }: Pick<World, 'files' | 'x509'>,
  root: string,
  name: string,
): Promise<CertificateFacts | null> {
  const facts = readFacts(x509, (await files.read(certificatePath(root, name)))?.toString('utf8') ?? null);
  return facts === 'unreadable' ? null : facts;
}
