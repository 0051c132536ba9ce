import { ApictlError } from '../../core/errors.ts';
import type { Commands } from '../../core/ports/commands.ts';
import type { Engine } from '../../core/ports/engine.ts';
import type { Files } from '../../core/ports/files.ts';
import { archiveOf } from './archive.ts';
import { BOOTSTRAPPERS, type Bootstrapper, bootstrapCall, DEBIAN_KEYRING } from './bootstrap.ts';
import { bootstrapFailed, noBootstrapper, noKeyring, noMirror, notRoot } from './bootstrap-errors.ts';
import type { MachineSources } from './machine-sources.ts';
import { DEBIAN_SUITE } from './recipes.ts';

/** Published images that can stand in for a base system of our own; looked for, never pulled. */
const PUBLISHED_DEBIAN = [`debian:${DEBIAN_SUITE}-slim`, `debian:${DEBIAN_SUITE}`];

export interface BasePorts {
  readonly engine: Pick<Engine, 'image' | 'build' | 'importImage'>;
  readonly commands: Commands;
  readonly files: Pick<Files, 'stat'>;
}

export interface BaseImage {
  readonly reference: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly dpkgConfig: string;
  readonly sources: () => Promise<MachineSources>;
}

/**
 * Makes the image of the bare Debian system: out of a published one where the engine has it, else from the machine's mirror.
 * @throws ApictlError BOOTSTRAP_NEEDS_ROOT, BOOTSTRAP_MISSING, BOOTSTRAP_NO_MIRROR, MIRROR_UNREACHABLE, BOOTSTRAP_FAILED (5),
 * DISK_FULL (8)
 */
export async function buildBase(
  base: BaseImage,
  ports: BasePorts,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const published = await publishedDebian(ports.engine);
  if (published !== null) return adopt(published, base, ports.engine, onLine, signal);
  const program = await bootstrapper(ports, signal);
  const sources = await base.sources();
  if (sources.lines.length === 0) throw noMirror();
  onLine(`${program} ${DEBIAN_SUITE}`);
  const { argv, environment } = bootstrapCall(program, {
    suite: DEBIAN_SUITE,
    sources,
    dpkgConfig: base.dpkgConfig,
  });
  const rootfs = ports.commands.stream(argv, { environment, onLine, signal, failure: bootstrapFailed });
  await ports.engine.importImage(rootfs, base.reference, base.labels);
}

async function publishedDebian(engine: Pick<Engine, 'image'>): Promise<string | null> {
  for (const reference of PUBLISHED_DEBIAN) if ((await engine.image(reference)) !== null) return reference;
  return null;
}

/** Gives a published image our name by a build that adds nothing. */
async function adopt(
  published: string,
  { reference, labels }: BaseImage,
  engine: Pick<Engine, 'build'>,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  onLine(`the engine has ${published}`);
  const bytes = Buffer.from(`FROM ${published}\n`);
  const context = archiveOf([{ path: 'Dockerfile', mode: 0o644, content: { bytes } }]);
  await engine.build(context, {
    reference,
    labels,
    dockerfile: 'Dockerfile',
    buildArgs: {},
    onOutput: onLine,
    signal,
  });
}

/** The first program that is there; all that it needs besides is checked, because its own messages are poor. */
async function bootstrapper(ports: BasePorts, signal: AbortSignal): Promise<Bootstrapper> {
  const program = await firstPresent(ports.commands, signal);
  if (program === null) throw noBootstrapper();
  const { stdout } = await ports.commands.run(['id', '-u'], { signal });
  if (stdout.trim() !== '0') throw notRoot();
  if ((await ports.files.stat(DEBIAN_KEYRING)) === null) throw noKeyring();
  return program;
}

async function firstPresent(
  commands: Pick<Commands, 'run'>,
  signal: AbortSignal,
): Promise<Bootstrapper | null> {
  for (const program of BOOTSTRAPPERS) {
    try {
      await commands.run([program, '--version'], { signal });
      return program;
    } catch (thrown) {
      if (!(thrown instanceof ApictlError) || thrown.code !== 'COMMAND_MISSING') throw thrown;
    }
  }
  return null;
}
