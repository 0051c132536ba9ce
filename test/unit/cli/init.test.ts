import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadProject } from '../../../src/app/project/project.ts';
import { RESULT_SHAPES } from '../../../src/cli/result-shapes.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { starterConfig } from '../../../src/config/starter.ts';
import { readYaml } from '../../../src/config/yaml-file.ts';
import { runCommand } from '../../fakes/command-line.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';

const PACKAGED = readFileSync('kong/kong.yaml', 'utf8');
let files: ReturnType<typeof memoryFiles>;
beforeEach(() => {
  files = memoryFiles({ '/package/kong/kong.yaml': PACKAGED });
});

const world = () => ({ files, packageRoot: '/package', workingFolder: '/shop' });
const run = (...words: readonly string[]) => runCommand(world(), 'init', ...words);
const textOf = (path: string) => files.content.get(path)?.toString('utf8');

describe('the configuration to begin with', () => {
  it('says what holds without it', async () => {
    await run();
    const { config } = await loadProject({ ...world(), environment: {} }, {});
    expect(config).toEqual(configSchema.parse({}));
  });

  it('says it in so many words: each of its keys has its default, and its meaning above it', () => {
    const said = readYaml(starterConfig('apictl'));
    expect(said).toMatchObject({ ok: true, value: { project: 'apictl', backends: { replicas: 3 } } });
    const lines = starterConfig('apictl').split('\n');
    const keys = lines.filter((line) => /^ *\w+:/.test(line));
    expect(keys.length).toBeGreaterThan(10);
    for (const key of keys) expect(lines[lines.indexOf(key) - 1], key).toMatch(/^ *# \S/);
  });

  it('has examples that may be taken as they stand', () => {
    const text = starterConfig('apictl').replaceAll(/^( *)# (profiles|image): /gm, '$1$2: ');
    const read = readYaml(text);
    expect(read).toMatchObject({
      value: { profiles: ['core', 'monitoring'], backends: { image: 'shop/api:1.4' } },
    });
    const file = read.ok ? read.value : undefined;
    expect(parseConfig({ file, dotenv: {}, environment: {}, flags: {} })).toMatchObject({ ok: true });
  });
});

describe('apictl init', () => {
  it('writes the configuration and what git is to ignore, and says so', async () => {
    const { stdout, exitCode } = await run();
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      [
        'written apictl.yaml: the configuration, with the defaults of what is changed first',
        'written .gitignore: secrets/, .apictl/, backups/, .env',
        'Next: "apictl up"\n',
      ].join('\n'),
    );
    expect(textOf('/shop/.gitignore')).toBe('secrets/\n.apictl/\nbackups/\n.env\n');
    expect(textOf('/shop/kong/kong.yaml')).toBeUndefined();
  });

  it('writes the name that the project is given, by the option before the environment', async () => {
    await runCommand(world(), '--project', 'shop', 'init');
    expect(textOf('/shop/apictl.yaml')).toMatch(/^project: shop$/m);
    await files.remove('/shop/apictl.yaml');
    const environment = { APICTL_PROJECT: 'store' };
    await runCommand({ ...world(), environment }, 'init');
    expect(textOf('/shop/apictl.yaml')).toMatch(/^project: store$/m);
    await files.remove('/shop/apictl.yaml');
    await runCommand({ ...world(), environment }, 'init', '--project', 'shop');
    expect((await loadProject({ ...world(), environment: {} }, {})).config).toEqual(
      configSchema.parse({ project: 'shop' }),
    );
  });

  it('refuses a name that no project can have, and writes nothing', async () => {
    const { error } = await runCommand(world(), '--project', 'My Shop', 'init');
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', exitCode: 64 });
    expect(error?.message).toContain('project: must be lower-case letters');
    expect(textOf('/shop/apictl.yaml')).toBeUndefined();
  });

  it('overwrites nothing, and adds to .gitignore only what is missing', async () => {
    await files.write('/shop/apictl.yaml', 'project: mine\n');
    await files.write('/shop/.gitignore', 'dist\r\n/secrets\r\n.apictl/', 0o600);
    const { stdout } = await run('--json');
    const result = JSON.parse(stdout) as unknown;
    expect(RESULT_SHAPES.init?.parse(result)).toEqual(result);
    expect(result).toEqual({
      folder: '/shop',
      written: [{ path: '.gitignore', what: 'backups/, .env' }],
      kept: [{ path: 'apictl.yaml', why: 'it is there already' }],
    });
    expect(textOf('/shop/apictl.yaml')).toBe('project: mine\n');
    expect(textOf('/shop/.gitignore')).toBe('dist\r\n/secrets\r\n.apictl/\r\nbackups/\r\n.env\r\n');
    expect(files.modes.get('/shop/.gitignore')).toBe(0o600);
  });

  it('may be run again: then there is nothing to do', async () => {
    await run();
    const before = new Map(files.content);
    const { stdout, exitCode } = await run();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('/shop has it all; nothing was written');
    expect(files.content).toEqual(before);
  });

  it('takes links for what they are: none of its own to write through or to replace', async () => {
    await files.link('/shop/apictl.yaml', '../elsewhere/apictl.yaml');
    await files.write('/elsewhere/ignore', 'dist\n');
    await files.link('/shop/.gitignore', '../elsewhere/ignore');
    const { stdout } = await run();
    expect(stdout).toContain('kept apictl.yaml: it is there already');
    expect(stdout).toContain('kept .gitignore: it is no plain file; put secrets/,');
    expect(textOf('/elsewhere/ignore')).toBe('dist\n');
    expect(await files.realPath('/shop/apictl.yaml')).toBeNull();
  });

  it('names the configuration as --config does', async () => {
    await runCommand(world(), '--config', '/other/shop.yaml', 'init');
    expect([...files.content.keys()].sort()).toEqual([
      '/other/.gitignore',
      '/other/shop.yaml',
      '/package/kong/kong.yaml',
    ]);
  });

  it('copies the declared state of the gateway with --kong, and not over another one', async () => {
    await run('--kong');
    expect(textOf('/shop/kong/kong.yaml')).toBe(PACKAGED);
    await files.write('/shop/kong/kong.yaml', 'mine');
    await files.remove('/shop/apictl.yaml');
    expect((await run('--kong')).stdout).toContain('kept kong/kong.yaml: it is there already');
    expect(textOf('/shop/kong/kong.yaml')).toBe('mine');
  });

  it('fails where --kong is all that was left to write and something stands in its way', async () => {
    await run();
    await files.write('/shop/kong', 'a file');
    expect((await run('--kong')).error).toMatchObject({
      code: 'INIT_IN_THE_WAY',
      exitCode: 64,
      message: 'kong/kong.yaml cannot be written: kong is no folder',
    });
    await files.remove('/shop/kong');
    await files.write('/shop/kong/kong.yaml', 'mine');
    expect((await run('--kong')).error).toMatchObject({ exitCode: 64, object: '/shop/kong/kong.yaml' });
    expect(textOf('/shop/kong/kong.yaml')).toBe('mine');
  });
});
