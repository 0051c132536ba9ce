import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { builtinModules, createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exampleOf, installPackage, type PackageUser } from '../support/package.ts';

const clone = fileURLToPath(new URL('../..', import.meta.url));
let user: PackageUser;
beforeAll(async () => {
  user = await installPackage();
});
afterAll(() => user.remove());

const manifest = async () =>
  JSON.parse(await readFile(join(user.installed, 'package.json'), 'utf8')) as Readonly<
    Record<string, unknown>
  >;

it('says what a registry asks for, and runs nothing when it is installed', async () => {
  const given = await manifest();
  expect(given).toMatchObject({
    name: 'apictl',
    license: 'MIT',
    engines: { node: '>=20.12' },
    bin: { apictl: 'bin/apictl.js' },
  });
  expect(given).not.toHaveProperty('private');
  const scripts = Object.keys(given.scripts as Readonly<Record<string, string>>);
  expect(scripts.filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
});

it('runs from a folder of its own, and renders the stack from what it has brought along', async () => {
  const run = (...argv: readonly string[]) =>
    execa(process.execPath, [user.program, ...argv], { cwd: user.folder });
  expect((await run('--version')).stdout).toBe((await manifest()).version);
  const { stdout } = await run(
    '--json',
    'render',
    '--out',
    'rendered',
    '--images',
    'embedded',
    '--profile',
    'core',
  );
  expect(JSON.parse(stdout)).toMatchObject({ written: expect.arrayContaining(['compose.yaml']) });
  await run(
    '--json',
    'render',
    '--out',
    'official',
    '--images',
    'official',
    '--profile',
    'core,monitoring,elk',
  );
  expect(await readdir(join(user.folder, 'official', 'config'))).toEqual(
    expect.arrayContaining(['grafana', 'prometheus']),
  );
});

it('is imported by name, and its errors are its own class', async () => {
  const program = `
    import { ApictlError, EXIT, openStack, Secret } from 'apictl';
    const thrown = await openStack({ config: { ports: { proxy: 70000 } } }).catch((error) => error);
    console.log(JSON.stringify({
      isOwn: thrown instanceof ApictlError, code: thrown.code, usage: thrown.exitCode === EXIT.usage,
      message: thrown.message, secret: String(new Secret('x')),
    }));`;
  await writeFile(join(user.folder, 'imports.mjs'), program);
  const { stdout } = await execa(process.execPath, ['imports.mjs'], { cwd: user.folder });
  expect(JSON.parse(stdout)).toEqual({
    isOwn: true,
    code: 'CONFIG_INVALID',
    usage: true,
    message: expect.stringContaining('ports.proxy'),
    secret: '[secret]',
  });
});

it('declares every package that its files load', async () => {
  const dependencies = new Set(Object.keys((await manifest()).dependencies as object));
  const files = (await readdir(join(user.installed, 'dist'), { recursive: true })).filter((path) =>
    /\.c?js$/.test(path),
  );
  const loaded = await Promise.all(
    files.map(async (path) => {
      const text = await readFile(join(user.installed, 'dist', path), 'utf8');
      return [...text.matchAll(/(?:require\(|\bfrom|\bimport\(|\bimport)"([@a-z][^"]*)"/g)].map(
        ([, target = '']) => target,
      );
    }),
  );
  const packages = new Set(
    loaded
      .flat()
      .filter((target) => !target.startsWith('node:') && !builtinModules.includes(target))
      .map((target) =>
        target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/'),
      ),
  );
  // debug, of docker-modem, tries it and goes on without.
  packages.delete('supports-color');
  expect([...packages].filter((name) => !dependencies.has(name))).toEqual([]);
  expect(packages).toContain('docker-modem');
});

it('has types by which the example of docs/library.md is right, and a wrong one is not', async () => {
  const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
  await symlink(join(clone, 'node_modules', '@types'), join(user.folder, 'node_modules', '@types'));
  const options = { strict: true, noEmit: true, module: 'NodeNext', target: 'ES2023', types: ['node'] };
  await writeFile(
    join(user.folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { ...options, lib: ['ES2023', 'ESNext.Disposable'] },
      files: ['example.mts'],
    }),
  );
  const example = await exampleOf('library.md', 'ts');
  await writeFile(
    join(user.folder, 'example.mts'),
    `${example}
// @ts-expect-error: there is no such ending
void openStack({ onClose: 'destroy' });
`,
  );
  const argv = [join(compiler, '..', 'bin', 'tsc'), '-p', user.folder];
  const { stdout } = await execa(process.execPath, argv, { reject: false });
  expect(stdout).toBe('');
}, 60_000);
