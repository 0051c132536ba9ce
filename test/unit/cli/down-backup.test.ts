import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import type { World } from '../../../src/app/world.ts';
import { downAction } from '../../../src/cli/actions/down.ts';
import type { Context } from '../../../src/cli/context.ts';
import { summary } from '../../fakes/containers.ts';
import { noSwarm } from '../../fakes/fake-swarm.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';

/** Somebody at a terminal who answers these questions in turn, and types this passphrase. */
function terminal(answers: readonly boolean[], passphrase = '') {
  const questions: string[] = [];
  const removed: string[] = [];
  const remove = async (name: string) => void removed.push(name);
  const engine = {
    containers: async () => [summary({ service: 'postgres' })],
    volumes: async () => [{ name: 'apictl_postgres-data', labels: {}, driver: 'local', options: {} }],
    volumeSizes: async () => new Map(),
    networks: async () => [],
    stop: remove,
    remove,
    removeVolume: remove,
  };
  const context: Context = {
    globals: { color: false },
    paint: new Chalk({ level: 0 }),
    print: () => true,
    emit: () => {},
    settle: () => {},
    isInteractive: true,
    confirm: async (question) => {
      questions.push(question);
      return answers[questions.length - 1] === true;
    },
    readSecret: async () => passphrase,
    world: {
      engine: engine as unknown as World['engine'],
      swarm: noSwarm(),
      files: memoryFiles(),
      environment: {},
      workingFolder: '/srv',
      clock: { now: () => 0, sleep: async () => {} },
      lock: { take: async () => ({ fd: 0, release: () => {} }) },
      emit: () => {},
      signal: new AbortController().signal,
    } as unknown as World,
  };
  return { context, questions, removed };
}

const flags = { volumes: true, waitLock: 0 };

describe('apictl down --volumes at a terminal', () => {
  it('offers a backup before it asks about the loss', async () => {
    const { context, questions, removed } = terminal([false, true]);
    expect(await downAction(context, flags)).toBe(0);
    expect(questions).toEqual([
      'Save everything in a backup first?',
      expect.stringContaining('These volumes and all their data will be lost'),
    ]);
    expect(removed).toContain('apictl_postgres-data');
  });

  it('removes nothing where the backup that was wanted could not be made', async () => {
    const { context, questions, removed } = terminal([true, true], 'short');
    await expect(downAction(context, flags)).rejects.toMatchObject({ code: 'BACKUP_KEY_WEAK', exitCode: 7 });
    expect(questions).toHaveLength(1);
    expect(removed).toEqual([]);
  });

  it('offers none where --yes was said, and none where nothing runs', async () => {
    const { context, questions } = terminal([]);
    await downAction({ ...context, globals: { color: false, yes: true }, confirm: async () => true }, flags);
    expect(questions).toEqual([]);
    const stopped = terminal([true]);
    const world = {
      ...stopped.context.world,
      engine: { ...stopped.context.world.engine, containers: async () => [] },
    };
    await downAction({ ...stopped.context, world }, flags);
    expect(stopped.questions).toEqual([expect.stringContaining('will be lost')]);
  });
});
