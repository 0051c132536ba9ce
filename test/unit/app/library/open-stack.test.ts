import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openStackIn, type UseCases } from '../../../../src/app/library/open-stack.ts';
import type { OpenStackOptions } from '../../../../src/app/library/stack-handle.ts';
import type { UpOptions } from '../../../../src/app/up/model.ts';
import type { World } from '../../../../src/app/world.ts';
import { ApictlError, EXIT } from '../../../../src/core/errors.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { summary } from '../../../fakes/containers.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';
import { PATIENCE } from '../../../support/patience.ts';

let done: string[];
let running: boolean;
/** What `up` is asked for, and how it ends. */
let asked: UpOptions | undefined;
let failure: Error | undefined;
let files: ReturnType<typeof memoryFiles>;
let interruption: AbortController;
beforeEach(() => {
  interruption = new AbortController();
  done = [];
  running = false;
  asked = undefined;
  failure = undefined;
  files = memoryFiles({
    '/shop/apictl.yaml': 'ports: { proxy: 18000 }\nbackends: { replicas: 2 }\n',
    '/shop/secrets/values/partner-api-key': 'open sesame',
  });
});

const useCases = {
  up: async (_world, { config }, options) => {
    asked = options;
    done.push(`up ${config.project} ${config.ports.proxy} ${config.ports.admin} ${config.backends.replicas}`);
    if (failure !== undefined) throw failure;
    return {
      state: 'healthy',
      images: 'embedded',
      seconds: 1,
      criticalPath: [],
      services: [],
      table: [],
      urls: {},
    };
  },
  showLogs: async (world) => {
    done.push('logs begun');
    await new Promise((end) => world.signal.addEventListener('abort', end, { once: true }));
    done.push('logs ended');
  },
  down: async (world, { config }, { volumes, confirmLoss }) => {
    expect(world.signal.aborted).toBe(false);
    expect(await confirmLoss([])).toBe(true);
    done.push(`down ${config.project}${volumes ? ' with its volumes' : ''}`);
    return { removed: [], volumes: { removed: [], kept: [] } };
  },
} as Partial<UseCases> as UseCases;

const open = (options: OpenStackOptions = {}) =>
  openStackIn(
    {
      files,
      environment: {},
      workingFolder: '/shop',
      engine: {
        containers: async () => [summary({ service: 'kong', state: running ? 'running' : 'exited' })],
      },
      signal: interruption.signal,
    } as unknown as World,
    options,
    useCases,
  );

describe('a stack that a program opens', () => {
  it('is brought up with what the program says, laid over apictl.yaml key by key', async () => {
    await open({ project: 'tests', config: { ports: { admin: 18001 } }, ports: 'free', services: ['kong'] });
    expect(done).toEqual(['up tests 18000 18001 2']);
    expect(asked).toMatchObject({
      services: ['kong'],
      seed: true,
      ports: 'free',
      dryRun: false,
      timeoutSeconds: 600,
    });
  });

  it.each([
    [undefined, ['down apictl']],
    ['down', ['down apictl']],
    ['remove', ['down apictl with its volumes']],
    ['leave', []],
  ] as const)('is closed at the end of the block: onClose %s', async (onClose, expected) => {
    {
      await using stack = await open(onClose === undefined ? {} : { onClose });
      expect(stack.wasRunning).toBe(false);
      done = [];
    }
    expect(done).toEqual(expected);
  });

  it('is closed once, and also after the program was interrupted', async () => {
    const stack = await open();
    interruption.abort('SIGINT');
    done = [];
    await Promise.all([stack.close(), stack.close()]);
    await stack.close();
    expect(done).toEqual(['down apictl']);
  });

  it('keeps nobody waiting for its logs once it is closed', async () => {
    const stack = await open();
    const reading = (async () => {
      for await (const _ of stack.followLogs());
    })();
    await vi.waitFor(() => expect(done).toContain('logs begun'), PATIENCE);
    await stack.close();
    await reading;
    expect(done).toContain('logs ended');
  });

  it('that ran before is left running, whatever the end was to be', async () => {
    running = true;
    const stack = await open({ onClose: 'remove' });
    done = [];
    await stack.close();
    expect([stack.wasRunning, done]).toEqual([true, []]);
    await stack.down({ volumes: true });
    expect(done).toEqual(['down apictl with its volumes']);
  });

  it('that does not come up is closed, and its failure is what is told', async () => {
    failure = new ApictlError({ code: 'SERVICE_UNHEALTHY', exitCode: EXIT.unhealthy, message: 'kong' });
    await expect(open({ onClose: 'remove' })).rejects.toBe(failure);
    expect(done.at(-1)).toBe('down apictl with its volumes');
  });

  it.each(['LOCKED', 'PROJECT_ELSEWHERE', 'FOLDER_IN_USE'])(
    'is none of this program’s business where up says %s, so nothing is taken down',
    async (code) => {
      failure = new ApictlError({ code, exitCode: EXIT.usage, message: 'x' });
      await expect(open({ onClose: 'remove' })).rejects.toBe(failure);
      expect(done).toHaveLength(1);
    },
  );

  it('hands a secret over as one, and knows those that there are', async () => {
    const stack = await open();
    const secret = await stack.secret('partner-api-key');
    expect(secret).toBeInstanceOf(Secret);
    expect([JSON.stringify({ secret }), secret.reveal()]).toEqual(['{"secret":"[secret]"}', 'open sesame']);
    await expect(stack.secret('partner-key')).rejects.toMatchObject({ code: 'SECRET_UNKNOWN' });
    await expect(stack.certificateAuthority()).rejects.toMatchObject({ code: 'CA_MISSING' });
  });

  it('is refused before anything is touched where its configuration is wrong', async () => {
    await expect(open({ config: { backends: { replicas: 0 } } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('backends.replicas'),
    });
    expect(done).toEqual([]);
  });
});
