import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GeneratedProject, makeGeneratedProject } from './support/generated-project.ts';

/** Only root can mount the small file systems that are filled here. */
const isRoot = process.getuid?.() === 0;

let project: GeneratedProject;
let mounted: string[];

beforeEach(async () => {
  mounted = [];
  project = await makeGeneratedProject('disk', [
    { name: 'database', seconds: 0 },
    { name: 'gateway', seconds: 0, dependsOn: ['database'] },
  ]);
});

afterEach(async () => {
  await project.apictl('down');
  for (const folder of mounted.reverse()) await execa('umount', [folder]);
  await project.destroy();
});

/** A file system of its own on a folder of the project. */
async function mount(path: string, size: string): Promise<string> {
  const folder = join(project.root, path);
  await mkdir(folder, { recursive: true });
  await execa('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0755`, 'tmpfs', folder]);
  mounted.push(folder);
  return folder;
}

/** Writes until not one byte more finds room. */
async function fill(path: string): Promise<void> {
  await execa('dd', ['if=/dev/zero', `of=${path}`, 'bs=1k'], { reject: false });
  await expect(writeFile(`${path}-more`, 'x')).rejects.toMatchObject({ code: 'ENOSPC' });
}

async function up() {
  const { exitCode, stderr } = await project.apictl('up', '--json');
  const error = exitCode === 0 ? null : JSON.parse(stderr.split('\n').at(-1) ?? '').error;
  return { exitCode, error };
}

describe.skipIf(!isRoot)('a full disk', () => {
  it.each([
    ['.apictl', 'before its first file', 'filler'],
    ['.apictl', 'in the middle of the rendered files', null],
    ['secrets', 'before its first file', 'filler'],
    ['secrets', 'in the middle of the secrets', null],
  ])(
    'under %s, %s: is named with what is left there, and the next run comes to the end',
    async (path, _when, filler) => {
      const folder = await mount(path, '8k');
      // Each file of a tmpfs takes a page of 4 KiB at least.
      if (filler !== null) await writeFile(join(folder, filler), 'x'.repeat(8 * 1024));
      const { exitCode, error } = await up();
      expect({ exitCode, error }).toEqual({
        exitCode: 8,
        error: {
          code: 'DISK_FULL',
          exitCode: 8,
          message: expect.stringMatching(
            new RegExp(`^${folder}/\\S+ cannot be written: ${folder} is full \\(0 B of 8 KiB left\\)$`),
          ),
          object: expect.stringContaining(`${folder}/`),
          hint: 'Free some space there and run the same command again: it goes on from what is there.',
        },
      });
      expect(await project.containers()).toEqual([]);
      // No half of a file stays: what is there is whole.
      expect((await filesBelow(folder)).filter((name) => /\.[0-9a-f]{12}$/.test(name))).toEqual([]);

      if (filler !== null) await rm(join(folder, filler));
      await execa('mount', ['-o', 'remount,size=1m', folder]);
      expect(await up()).toEqual({ exitCode: 0, error: null });
      expect((await project.containers()).map(({ service, state }) => `${service} ${state}`)).toEqual([
        'database running',
        'gateway running',
      ]);
    },
  );

  it('under .apictl keeps nobody from seeing how the stack is, reading its logs and taking it down', async () => {
    const folder = await mount('.apictl', '64k');
    expect(await up()).toEqual({ exitCode: 0, error: null });
    await fill(join(folder, 'filler'));
    for (const words of [['status'], ['logs'], ['up'], ['down']]) {
      const { exitCode, stderr } = await project.apictl(...words);
      expect({ words, exitCode, stderr }).toEqual({ words, exitCode: 0, stderr: expect.anything() });
    }
    expect(await project.containers()).toEqual([]);
  });

  it('is told with its numbers before anything is made, where there is too little left', async () => {
    const folder = await mount('.', '16m');
    await project.configure({ profiles: ['core'] });
    const { exitCode, error } = await up();
    expect(exitCode).toBe(8);
    expect(error).toMatchObject({
      code: 'DISK_LOW',
      message: expect.stringMatching(new RegExp(`${folder}.*MiB`)),
    });
    expect(await readdir(folder)).toEqual(['.apictl', 'apictl.yaml']);
  });
});

const filesBelow = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
