import { ApictlError, EXIT, messageOf, systemCodeOf } from '../core/errors.ts';
import type { Compose, ComposeRunOptions, ComposeTarget } from '../core/ports/compose.ts';
import { overrideRefusal } from './override-refusal.ts';

/** Older ones lack `depends_on` conditions with `required` and parse interpolation differently. */
const OLDEST = [2, 20] as const;

const LAST_LINES = 20;

/** The Compose port over `docker compose`. The only place that starts the docker command. */
export function composePlugin(environment: Readonly<Record<string, string | undefined>>): Compose {
  let known: Promise<string> | undefined;
  return {
    version: () => {
      known ??= readVersion(environment);
      return known;
    },
    run: (target, argv, options) => runCompose(environment, target, argv, options ?? {}),
  };
}

export const composeArgv = (target: ComposeTarget, argv: readonly string[]): string[] => [
  'compose',
  '--project-name',
  target.project,
  '--project-directory',
  target.folder,
  ...target.files.flatMap((file) => ['--file', file]),
  '--ansi',
  'never',
  '--progress',
  'plain',
  ...argv,
];

async function readVersion(environment: Readonly<Record<string, string | undefined>>): Promise<string> {
  const { execa } = await import('execa');
  const { stdout } = await execa('docker', ['compose', 'version', '--short'], {
    env: { ...environment },
    stdin: 'ignore',
  }).catch((thrown: unknown) => {
    throw systemCodeOf(thrown) === 'ENOENT' ? dockerMissing() : composeMissing(thrown);
  });
  const version = stdout.trim().replace(/^v/, '');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new ApictlError({
      code: 'COMPOSE_TOO_OLD',
      exitCode: EXIT.engine,
      message: `Docker Compose ${version} is too old; ${OLDEST.join('.')} or newer is needed`,
      object: 'docker compose',
      hint: 'Update the Compose plugin.',
    });
  }
  return version;
}

const dockerMissing = () =>
  new ApictlError({
    code: 'DOCKER_MISSING',
    exitCode: EXIT.engine,
    message: 'the docker command is not on the PATH',
    hint: 'Install Docker; "make up" in a clone of apictl does it on Debian.',
  });

const composeMissing = (thrown: unknown) =>
  new ApictlError({
    code: 'COMPOSE_MISSING',
    exitCode: EXIT.engine,
    message: 'the docker command has no Compose plugin (docker compose version failed)',
    object: 'docker compose',
    hint: 'Install Docker Compose v2; the old docker-compose v1 does not do.',
    cause: thrown,
  });

async function runCompose(
  environment: Readonly<Record<string, string | undefined>>,
  target: ComposeTarget,
  argv: readonly string[],
  options: ComposeRunOptions,
): Promise<{ stdout: string; stderr: string }> {
  // execa's types leave a bare descriptor out for the third and later; it hands it on all the same.
  const lock = options.lockFd === undefined ? [] : [options.lockFd as never];
  const { execa } = await import('execa');
  const child = execa('docker', composeArgv(target, argv), {
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'pipe', ...lock],
    reject: false,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    forceKillAfterDelay: 10_000,
  });
  if (options.onLine !== undefined) {
    const onLine = options.onLine;
    void (async () => {
      for await (const line of child.iterable({ from: 'stderr' })) onLine(String(line));
    })().catch(() => {});
  }
  const result = await child;
  const stdout = String(result.stdout ?? '');
  const stderr = String(result.stderr ?? '');
  if (result.failed) throw composeFailed(argv, stderr, result);
  return { stdout, stderr };
}

function composeFailed(
  argv: readonly string[],
  stderr: string,
  result: { exitCode?: number | undefined; isCanceled?: boolean; code?: string | undefined },
): ApictlError {
  if (result.code === 'ENOENT') return dockerMissing();
  const refusal = result.isCanceled === true ? undefined : overrideRefusal(stderr);
  if (refusal !== undefined) return refusal;
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const said = lines.at(-1) ?? `exit code ${result.exitCode ?? 'unknown'}`;
  return new ApictlError({
    code: result.isCanceled === true ? 'COMPOSE_CANCELLED' : 'COMPOSE_FAILED',
    exitCode: EXIT.engine,
    message: `docker compose ${argv[0] ?? ''} failed: ${said}`,
    object: 'docker compose',
    details: lines.slice(-LAST_LINES),
    cause: new Error(messageOf(stderr)),
  });
}
