import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let installed = '';

beforeAll(async () => {
  installed = await mkdtemp(join(tmpdir(), 'apictl-start-'));
  await mkdir(join(installed, 'bin'));
  for (const path of ['package.json', 'bin/apictl.js', 'bin/compiled.js', 'bin/package.json'])
    await writeFile(join(installed, path), await readFile(join(root, path)));
  await execa(process.execPath, [join(root, 'scripts/bundle.mjs'), join(installed, 'dist')]);
});
afterAll(() => rm(installed, { recursive: true, force: true }));

/** The files of the installed package that a run loads, as V8 counts them for its coverage. */
async function loadedBy(...argv: readonly string[]): Promise<{ stdout: string; files: string[] }> {
  const coverage = await mkdtemp(join(installed, 'coverage-'));
  const { stdout } = await execa(process.execPath, [join(installed, 'bin/apictl.js'), ...argv], {
    cwd: coverage,
    env: { NODE_V8_COVERAGE: coverage },
    reject: false,
  });
  const reports = (await readdir(coverage)).filter((name) => name.endsWith('.json'));
  const scripts = await Promise.all(
    reports.map(async (name) => {
      const { result } = JSON.parse(await readFile(join(coverage, name), 'utf8')) as {
        result: readonly { readonly url: string }[];
      };
      return result.map(({ url }) => url);
    }),
  );
  const files = scripts
    .flat()
    .filter((url) => url.startsWith('file:'))
    .map((url) => relative(installed, fileURLToPath(url)));
  return { stdout, files: [...new Set(files)].sort() };
}

/** The words of the commands, what they do, and the library that most of them use. */
const PROGRAM = ['dist/main.cjs', 'dist/deeds.cjs', 'dist/libraries/dockerode.cjs'];
const START = ['bin/apictl.js', 'bin/compiled.js'];

it.each(['--version', '--help', 'up --help', 'help seed diff'])(
  '"apictl %s" loads the words of the commands and nothing else',
  async (words) => {
    const { stdout, files } = await loadedBy(...words.split(' '));
    expect(stdout).toMatch(words === '--version' ? /^\d+\.\d+\.\d+$/ : /^Usage: apictl/);
    expect(files).toEqual([...START, 'dist/main.cjs']);
  },
);

it.skipIf(process.platform !== 'linux').each([
  ['for people', ['completion', 'bash'], /^error standard output cannot be written: .*ENOSPC/],
  ['for a program', ['--json', 'completion', 'bash'], /"code":"OUTPUT_UNUSABLE","exitCode":8/],
  ['of the help', ['--help'], /^error standard output cannot be written: .*ENOSPC/],
])('tells of a disk that takes no output %s', async (_what, words, told) => {
  const program = join(installed, 'bin/apictl.js');
  const shell = ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, program, ...words];
  const { exitCode, stderr } = await execa('sh', shell, { cwd: installed, reject: false });
  expect(stderr).toMatch(told);
  expect(stderr).not.toContain('    at ');
  expect(exitCode).toBe(8);
});

it('keeps every library but commander out of what help loads', async () => {
  const { sources } = JSON.parse(await readFile(join(installed, 'dist/main.cjs.map'), 'utf8')) as {
    sources: readonly string[];
  };
  const packages = sources.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  expect([...new Set(packages)]).toEqual(['commander']);
});

it('bundles the schema library without what no schema uses', async () => {
  const map = await readFile(join(installed, 'dist/deeds.cjs.map'), 'utf8');
  const locales = [...map.matchAll(/zod\/[^"]*\/locales\/(\w[^"]*)/g)].map(([, name]) => name);
  // Its English messages are in use; with "import { z }" instead of "import * as z" come those of 60 languages.
  expect([...new Set(locales)].sort()).toEqual(['en.js', 'index.js']);
});

it.each([
  ['statsu --json', 'COMMAND_UNKNOWN'],
  ['--json images', 'COMMAND_MISSING'],
  ['up --json --timeout soon', 'OPTION_INVALID'],
])('answers "%s" with one error document and exit code 64', async (words, code) => {
  const { stdout, stderr, exitCode } = await execa(
    process.execPath,
    [join(installed, 'bin/apictl.js'), ...words.split(' ')],
    { reject: false },
  );
  expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
  expect(JSON.parse(stderr)).toMatchObject({ error: { code, exitCode: 64 } });
});

it.each([
  ['dockerode', ['images', 'ls'], { DOCKER_HOST: 'tcp://127.0.0.1:1' }, 'ENGINE_UNREACHABLE'],
  [
    'undici',
    ['seed', 'validate', '--admin-url', 'http://127.0.0.1:1', '--file', 'kong.yaml'],
    {},
    'KONG_UNREACHABLE',
  ],
])('finds %s in the bundle when a command needs it', async (_library, words, env, code) => {
  const folder = await mkdtemp(join(installed, 'project-'));
  await writeFile(
    join(folder, 'kong.yaml'),
    '_format_version: "3.0"\nservices: [{ name: a, url: "http://a" }]\n',
  );
  const { stderr } = await execa(process.execPath, [join(installed, 'bin/apictl.js'), '--json', ...words], {
    cwd: folder,
    env,
    reject: false,
  });
  const last = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '{}') as { error?: { code: string } };
  expect(last.error?.code).toBe(code);
});

it('finds SQLite beside the bundle, where npm installs it with its WebAssembly', async () => {
  const library = 'node_modules/node-sqlite3-wasm';
  await mkdir(join(installed, 'node_modules'));
  await symlink(join(root, library), join(installed, library));
  const path = join(installed, 'some.db');
  const { default: sqlite } = await import('node-sqlite3-wasm');
  const made = new sqlite.Database(path);
  made.exec('CREATE TABLE fact (text TEXT)');
  made.close();
  const program = `
    const deeds = require('./bin/compiled.js').load(require('node:path').resolve('dist/deeds.cjs'));
    deeds.assemble().assemble({ color: false }, process.cwd(), new AbortController().signal).then(async ({ context }) => {
      const { sqlite } = context.world;
      await sqlite.edit('some.db', (open) => open.run('INSERT INTO fact VALUES (?)', ['written']));
      await sqlite.edit('some.db', (open) => process.stdout.write(open.rows('SELECT text FROM fact')[0].text));
    });`;
  const { stdout, stderr } = await execa(process.execPath, ['-e', program], {
    cwd: installed,
    reject: false,
  });
  expect([stdout, stderr]).toEqual(['written', '']);
});

it.each([
  ['secrets ls', ['js-yaml', 'yaml']],
  ['logs', []],
])('loads for "%s" what commands do, and of the large libraries %j', async (words, libraries) => {
  const { files } = await loadedBy(...words.split(' '), '--json');
  const paths = libraries.map((name) => `dist/libraries/${name}.cjs`);
  expect(files).toEqual([...START, 'dist/deeds.cjs', ...paths, 'dist/main.cjs']);
});

it('is loaded as the build has compiled it', async () => {
  const program = `
    const { load, loaded } = require('./bin/compiled.js');
    process.argv = [process.execPath, 'apictl', '--version'];
    for (const path of ${JSON.stringify(PROGRAM)}) load(require('node:path').resolve(path));
    process.stdout.write(' ' + [...loaded.values()].map(({ script }) => script.cachedDataRejected));`;
  const { stdout } = await execa(process.execPath, ['-e', program], { cwd: installed });
  expect(stdout.split(' ').at(-1)).toBe('false,false,false');
});

it('is compiled anew by a V8 that refuses what the build has compiled', async () => {
  const run = (...flags: readonly string[]) =>
    execa(process.execPath, [...flags, join(installed, 'bin/apictl.js'), '--version']);
  expect((await run('--no-opt')).stdout).toBe((await run()).stdout);
});

it.each(PROGRAM)('%s has one byte for each character, so that V8 reads it fast', async (path) => {
  expect((await readFile(join(installed, path))).filter((byte) => byte > 127)).toHaveLength(0);
});

it.skipIf(process.platform === 'win32')('a folder that is gone under the shell is told as that', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'apictl-gone-'));
  const script = 'cd "$1" && rmdir "$1" && exec "$2" "$3" status';
  const words = [folder, process.execPath, join(installed, 'bin/apictl.js')];
  const { exitCode, stderr } = await execa('sh', ['-c', script, 'sh', ...words], { reject: false });
  expect(exitCode).toBe(8);
  expect(stderr).toMatch(/^error the current folder is gone: .*\nhint {2}Go to a folder that is there/);
});
