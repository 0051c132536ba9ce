import { ApictlError, EXIT } from '../../core/errors.ts';
import { DEBIAN_KEYRING } from './bootstrap.ts';
import { DEBIAN_SUITE } from './recipes.ts';

/** Every way that making the base system fails, in words that say what to do. All end with exit code 5, a full disk with 8. */

const OTHER_WAY = `or load an image debian:${DEBIAN_SUITE}-slim into the engine, which is then used instead`;

export const notRoot = () =>
  failure(
    'BOOTSTRAP_NEEDS_ROOT',
    'making the base system of the embedded images needs root',
    `Run it once as root ("sudo apictl images build"), ${OTHER_WAY}.`,
  );

export const noBootstrapper = () =>
  failure(
    'BOOTSTRAP_MISSING',
    'neither mmdebstrap nor debootstrap is on the PATH: the base system of the embedded images cannot be made',
    `Install one ("apt-get install --no-install-recommends mmdebstrap"), ${OTHER_WAY}.`,
  );

export const noKeyring = () =>
  failure(
    'BOOTSTRAP_MISSING',
    `Debian’s keys are not at ${DEBIAN_KEYRING}: what a mirror sends could not be verified`,
    'Install the package debian-archive-keyring.',
  );

export const noMirror = () =>
  failure(
    'BOOTSTRAP_NO_MIRROR',
    'this machine’s package sources name no Debian mirror',
    `On Debian run "apt-get update" once; elsewhere load an image debian:${DEBIAN_SUITE}-slim into the engine.`,
  );

/** Reads the cause off what the program said last. */
export function bootstrapFailed(exitCode: number | undefined, lastLines: readonly string[]): ApictlError {
  const text = lastLines.join('\n');
  if (/No space left on device|Disk quota exceeded/i.test(text)) return diskFull('image debian', lastLines);
  if (/NO_PUBKEY|GPG error|not signed|invalid signature|verification failed|sqv/i.test(text)) {
    return failure(
      'BOOTSTRAP_FAILED',
      'the mirror’s signature could not be verified',
      'Bring the package debian-archive-keyring up to date.',
      lastLines,
    );
  }
  if (UNREACHABLE.test(text)) {
    return failure(
      'MIRROR_UNREACHABLE',
      'the machine’s Debian mirror could not be reached, or lacks the suite',
      'Check with "apt-get update" that the mirror answers; behind a proxy set Acquire::http::Proxy for apt.',
      lastLines,
    );
  }
  return failure(
    'BOOTSTRAP_FAILED',
    `the base system could not be made (${exitCode === undefined ? 'ended by a signal' : `exit code ${exitCode}`})`,
    'The lines above are the last that the program wrote.',
    lastLines,
  );
}

const UNREACHABLE =
  /Could not resolve|Could not connect|Unable to connect|Failed to fetch|Temporary failure|Connection (timed out|refused|reset)|Network is unreachable|No route to host|Couldn't download|Failed getting release file|does not have a Release file|unable to resolve/i;

export const diskFull = (object: string, lastLines: readonly string[]) =>
  new ApictlError({
    code: 'DISK_FULL',
    exitCode: EXIT.machine,
    message: `${object} could not be made: the disk is full`,
    object,
    details: lastLines,
    hint: 'The embedded images need about 3 GB for the engine and 1 GB in the temporary folder; "docker system df" shows what could go.',
  });

const failure = (code: string, message: string, hint: string, details: readonly string[] = []) =>
  new ApictlError({ code, exitCode: EXIT.engine, message, object: 'image debian', hint, details });
