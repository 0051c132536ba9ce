import { dirname } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { otherRoot } from '../../../../src/app/project/ownership.ts';
import type { Project } from '../../../../src/app/project/project.ts';
import { composeFile } from '../../../../src/app/project/project.ts';
import { withLock } from '../../../../src/app/project/session.ts';
import type { World } from '../../../../src/app/world.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { summary } from '../../../fakes/containers.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

const from = (root: string) =>
  summary({
    service: 'kong',
    labels: { 'com.docker.compose.project.working_dir': dirname(composeFile(root)) },
  });
let files: ReturnType<typeof memoryFiles>;
beforeEach(async () => {
  files = memoryFiles();
  for (const folder of ['/srv/one', '/srv/two']) await files.makeFolder(folder);
});

describe('the folder that a project belongs to', () => {
  it('is told when its containers were brought up from another one', async () => {
    expect(await otherRoot({ files }, '/srv/two', [from('/srv/one')])).toBe('/srv/one');
  });

  it('is this one when they were brought up here, or when there are none', async () => {
    expect(await otherRoot({ files }, '/srv/one', [from('/srv/one')])).toBeNull();
    expect(await otherRoot({ files }, '/srv/one', [])).toBeNull();
  });

  it('is this one when the other is gone: the folder was moved', async () => {
    expect(await otherRoot({ files }, '/srv/two', [from('/srv/before')])).toBeNull();
  });

  it('is the same through a symbolic link', async () => {
    const linked = {
      ...files,
      realPath: async (path: string) => (path === '/home/me/one' ? '/srv/one' : files.realPath(path)),
    };
    expect(await otherRoot({ files: linked }, '/home/me/one', [from('/srv/one')])).toBeNull();
  });
});

describe('a command that changes the stack', () => {
  it('is refused in a folder that did not bring it up, before it takes the lock', async () => {
    const asked: string[] = [];
    const world = {
      files,
      engine: { containers: async () => [from('/srv/one')] },
      lock: { take: async () => expect.unreachable('no lock is taken') },
      signal: new AbortController().signal,
    } as unknown as World;
    const project: Project = { root: '/srv/two', config: configSchema.parse({}), dotenv: {} };
    const run = withLock(world, project, { command: 'down', waitSeconds: 0 }, async () => asked.push('work'));
    await expect(run).rejects.toMatchObject({ code: 'PROJECT_ELSEWHERE', exitCode: 64 });
    await expect(run).rejects.toThrow('"apictl" was brought up from /srv/one, not from /srv/two');
    expect(asked).toEqual([]);
  });

  it('is refused in a folder whose files another project’s containers mount, until that one is down', async () => {
    await files.write(composeFile('/srv/one'), '# Generated\n\nname: first\nservices: {}\n');
    let left = [from('/srv/one')];
    const done: string[] = [];
    const world = {
      files,
      engine: { containers: async (name: string) => (name === 'first' ? left : []) },
      lock: { take: async () => ({ release: () => {} }) },
      signal: new AbortController().signal,
    } as unknown as World;
    const second: Project = {
      root: '/srv/one',
      config: configSchema.parse({ project: 'second' }),
      dotenv: {},
    };
    const up = () => withLock(world, second, { command: 'up', waitSeconds: 0 }, async () => done.push('up'));
    await expect(up()).rejects.toMatchObject({
      code: 'FOLDER_IN_USE',
      exitCode: 64,
      hint: expect.stringContaining('"apictl --project first down"'),
    });
    left = [];
    await up();
    expect(done).toEqual(['up']);
  });
});
