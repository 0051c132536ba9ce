import { setMaxListeners } from 'node:events';
import { authorityPath } from '../../certs/model.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { secretsOf } from '../../secrets/model.ts';
import { readSecret, specOf } from '../../secrets/read.ts';
import { down } from '../down.ts';
import { showLogs } from '../logs/logs.ts';
import { loadProject, type Project } from '../project/project.ts';
import { DEFAULT_SEED, lockedSeed } from '../seed/seed.ts';
import { smoke } from '../smoke/smoke.ts';
import { status } from '../status/status.ts';
import type { UpResult } from '../up/model.ts';
import { up } from '../up/up.ts';
import type { World } from '../world.ts';
import { collectLogs, followedLogs } from './logs.ts';
import type { OpenStackOptions, Stack } from './stack-handle.ts';

/** The use cases that a handle is made of: those of the command line. */
export interface UseCases {
  readonly up: typeof up;
  readonly down: typeof down;
  readonly status: typeof status;
  readonly seed: typeof lockedSeed;
  readonly smoke: typeof smoke;
  readonly showLogs: typeof showLogs;
}

const USE_CASES: UseCases = { up, down, status, seed: lockedSeed, smoke, showLogs };

/**
 * Brings a stack up and answers a handle on it. What runs already and is unchanged is used as it is.
 * @throws ApictlError as `up` does; what this call has brought up by then is closed as `onClose` says.
 */
export async function openStackIn(
  world: World,
  options: OpenStackOptions,
  useCases: UseCases = USE_CASES,
): Promise<Stack> {
  // Every service that is waited for listens.
  setMaxListeners(0, world.signal);
  const open = () => loadProject(world, { project: options.project, given: options.config });
  const before = await open();
  const containers = await world.engine.containers(before.config.project);
  const wasRunning = containers.some(({ state }) => state === 'running' || state === 'paused');
  const closing = closingOf(world, before, options, { wasRunning, down: useCases.down });
  try {
    const opened = await useCases.up(world, before, {
      services: options.services ?? [],
      seed: options.seed ?? true,
      ports: options.ports ?? 'remembered',
      build: false,
      pull: false,
      dryRun: false,
      timeoutSeconds: options.timeoutSeconds ?? 600,
      waitLockSeconds: options.waitLockSeconds ?? 0,
    });
    if ('plan' in opened) throw new Error('up has planned only');
    // Ports may have been chosen by now.
    return handle(world, await open(), { opened, wasRunning, closing, useCases });
  } catch (thrown) {
    // Why it did not come up is what the caller has to know, whether the rest could be removed or not.
    await closing.afterFailure(thrown).catch(() => {});
    throw thrown;
  }
}

interface Closing {
  readonly close: () => Promise<void>;
  readonly takeDown: (volumes: boolean) => ReturnType<typeof down>;
  readonly afterFailure: (thrown: unknown) => Promise<void>;
}

/** Closing does not hear the signal that ended the work: it is what cleans up after it. */
function closingOf(
  world: World,
  project: Project,
  { onClose = 'down' }: OpenStackOptions,
  { wasRunning, down }: { readonly wasRunning: boolean; readonly down: UseCases['down'] },
): Closing {
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const unheard: World = { ...world, signal };
  const takeDown = (volumes: boolean) =>
    down(unheard, project, { volumes, waitLockSeconds: 60, confirmLoss: async () => true });
  let closed: Promise<void> | undefined;
  const closeOnce = async (): Promise<void> => {
    if (!wasRunning && onClose !== 'leave') await takeDown(onClose === 'remove');
  };
  const close = () => {
    closed ??= closeOnce().catch((thrown: unknown) => {
      // What could not be closed may be tried again.
      closed = undefined;
      throw thrown;
    });
    return closed;
  };
  return {
    close,
    takeDown,
    // Who holds the lock, or owns the name, has a stack of its own there: none of this call's business.
    afterFailure: async (thrown) => {
      if (thrown instanceof ApictlError && NOTHING_DONE.has(thrown.code)) return;
      await close();
    },
  };
}

const NOTHING_DONE: ReadonlySet<string> = new Set(['LOCKED', 'PROJECT_ELSEWHERE', 'FOLDER_IN_USE']);

function handle(
  world: World,
  project: Project,
  made: {
    readonly opened: UpResult;
    readonly wasRunning: boolean;
    readonly closing: Closing;
    readonly useCases: UseCases;
  },
): Stack {
  const { opened, wasRunning, closing, useCases } = made;
  const { root, config } = project;
  // Who follows the logs is not kept waiting for lines of a stack that is gone.
  const closed = new AbortController();
  const close = () => {
    closed.abort();
    return closing.close();
  };
  return {
    project: config.project,
    folder: root,
    urls: opened.urls,
    opened,
    wasRunning,
    certificateAuthority: () => certificateAuthority(world, root),
    status: () => useCases.status(world, project),
    seed: (options = {}) => useCases.seed(world, project, { ...DEFAULT_SEED, ...options }),
    smoke: async (budgetSeconds = 60) => {
      const { checks } = await useCases.smoke(world, project, budgetSeconds);
      return { checks: [...checks] };
    },
    logs: (query = {}) => collectLogs(world, project, query, useCases.showLogs),
    followLogs: ({ signal, ...query } = {}) => {
      const signals = [world.signal, closed.signal, ...(signal === undefined ? [] : [signal])];
      const listening = { ...world, signal: AbortSignal.any(signals) };
      return followedLogs(listening, project, query, useCases.showLogs);
    },
    secret: async (name) => {
      specOf(secretsOf(config), name);
      return readSecret(world.files, root, name);
    },
    down: ({ volumes = false } = {}) => closing.takeDown(volumes),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function certificateAuthority(world: Pick<World, 'files'>, root: string): Promise<string> {
  const path = authorityPath(root);
  const pem = await world.files.read(path);
  if (pem !== null) return pem.toString('utf8');
  throw new ApictlError({
    code: 'CA_MISSING',
    exitCode: EXIT.secrets,
    message: `there is no certificate authority: ${path}`,
    object: path,
    hint: 'Open the stack again, which makes one.',
  });
}
