import { stripVTControlCharacters } from 'node:util';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { ContextFile } from '../../core/ports/build-contexts.ts';
import type { Engine } from '../../core/ports/engine.ts';
import type { Files } from '../../core/ports/files.ts';
import { archiveOf } from './archive.ts';
import { diskFull } from './bootstrap-errors.ts';
import { isLoopback, type MachineSources } from './machine-sources.ts';
import { IMAGE_LABEL, MANAGED_LABEL, type PlannedImage } from './model.ts';

/** Certificates that the machine trusts, where a mirror speaks TLS to a container that has none yet. */
const MACHINE_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
/** Where compose/images/platform/Dockerfile puts its context. */
const CONTEXT_FOLDER = '/tmp/platform';

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'no_proxy'];

export interface BuildPorts {
  readonly engine: Pick<Engine, 'build'>;
  readonly files: Pick<Files, 'read'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface BuildCall {
  readonly image: PlannedImage;
  /** Asked for only where the recipe uses them. */
  readonly sources: () => Promise<MachineSources>;
  /** Further build arguments that are no part of what the image is called by. */
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

export const labelsOf = (name: string): Readonly<Record<string, string>> => ({
  [IMAGE_LABEL]: name,
  [MANAGED_LABEL]: 'true',
});

/** Builds one image through the engine. @throws ApictlError IMAGE_BUILD_FAILED (5), DISK_FULL (8) */
export async function buildImage(call: BuildCall, ports: BuildPorts): Promise<void> {
  const { image } = call;
  const sources = image.usesMachineSources ? await call.sources() : undefined;
  const lent = sources === undefined ? [] : await machineFiles(sources, ports.files);
  const proxies = { ...proxyArguments(ports.environment), ...sources?.proxies };
  const viaHost = sources?.needsHostNetwork === true || Object.values(proxies).some(isLoopback);
  try {
    await ports.engine.build(archiveOf([...image.files, ...lent]), {
      reference: image.reference,
      dockerfile: image.dockerfile ?? '',
      buildArgs: { ...proxies, ...image.buildArgs, ...call.buildArgs },
      labels: labelsOf(image.name),
      onOutput: (line) => call.onLine(plain(line)),
      signal: call.signal,
      ...(viaHost ? { network: 'host' } : {}),
    });
  } catch (thrown) {
    throw inOurWords(image, thrown);
  }
}

/** Package sources and settings of the machine, as files of the context that its reference does not depend on. */
async function machineFiles(sources: MachineSources, files: Pick<Files, 'read'>): Promise<ContextFile[]> {
  if (sources.lines.length === 0) return [];
  const speaksTls = sources.lines.some((line) => line.includes(' https://'));
  const authorities = speaksTls ? await files.read(MACHINE_AUTHORITIES) : null;
  const settings =
    authorities === null
      ? sources.aptSettings
      : [...sources.aptSettings, `Acquire::https::CAInfo "${CONTEXT_FOLDER}/machine/ca.crt";`];
  const text = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return [
    { path: 'machine/sources.list', mode: 0o644, content: { bytes: text(sources.lines) } },
    { path: 'machine/apt.conf', mode: 0o644, content: { bytes: text(settings) } },
    ...(authorities === null
      ? []
      : [{ path: 'machine/ca.crt', mode: 0o644, content: { bytes: authorities } }]),
  ];
}

/** The builder knows these arguments without a declaration, and keeps them out of the image's history. */
function proxyArguments(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    PROXY_VARIABLES.flatMap((name) => {
      const value = environment[name] ?? environment[name.toUpperCase()] ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}

/** The builder colours what a command writes to standard error. */
const plain = (line: string): string => stripVTControlCharacters(line).trimEnd();

function inOurWords(image: PlannedImage, thrown: unknown): unknown {
  if (!(thrown instanceof ApictlError) || thrown.code !== 'IMAGE_BUILD_FAILED') return thrown;
  const lines = thrown.details.map(plain).filter((line) => line !== '');
  const said = [thrown.message, ...lines].join('\n');
  if (/no space left on device|disk quota exceeded/i.test(said)) {
    return diskFull(`image ${image.name}`, lines);
  }
  const unreachable = /Could not resolve|Could not connect|Failed to fetch|Temporary failure|no such host/i;
  return new ApictlError({
    code: 'IMAGE_BUILD_FAILED',
    exitCode: EXIT.engine,
    message: thrown.message,
    object: `image ${image.name}`,
    details: lines,
    hint: unreachable.test(said)
      ? 'A container could not reach what it needs: check its way out, and the proxy (http_proxy, or Acquire::http::Proxy of apt).'
      : image.name === 'backend' && image.base.kind === 'nothing'
        ? 'The lines above are the builder’s last. It is the engine’s classic one: no RUN --mount, no heredocs, no COPY --chmod.'
        : 'The lines above are the builder’s last; run "apictl images build --verbose" for all of them.',
    cause: thrown,
  });
}
