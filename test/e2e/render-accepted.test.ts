import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { afterAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { Secret } from '../../src/core/secret.ts';
import { outsideMounts } from '../../src/stack/render/digest.ts';
import { type RenderedStack, type RenderInput, renderStack } from '../../src/stack/render/render-stack.ts';
import { type RenderedSwarm, renderSwarm } from '../../src/stack/render/swarm/render-swarm.ts';
import {
  AWKWARD_TEXT,
  localImages,
  packagedFragments,
  renderMatrix,
  type Variant,
} from '../unit/stack/render/matrix.ts';

/**
 * Intent: whatever is rendered, the real Compose accepts it and gives the user's values back byte for byte.
 * Needs the Compose plugin, but no engine.
 */

const run = promisify(execFile);
const composeVersion = await run('docker', ['compose', 'version', '--short']).then(
  ({ stdout }) => stdout.trim(),
  () => null,
);

const folder = await mkdtemp(join(tmpdir(), 'apictl-render-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const fragments = await packagedFragments();

/** What this machine's Compose can be asked to read: files for a newer one than itself are not. */
const variants = (version: string): readonly Variant[] =>
  renderMatrix(fragments)
    // What a newer engine adds does not depend on the profiles: one set of them is enough there.
    .filter(({ input }) => input.engineApiVersion === '1.41' || input.profiles.length === 3)
    .map(({ name, input }) => ({ name, input: { ...input, composeVersion: version } }));

async function writeStack(stack: Pick<RenderedStack, 'files'>, name: string): Promise<string> {
  const root = join(folder, name, '.apictl');
  for (const { path, content, mode } of stack.files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content, { mode });
  }
  return join(root, stack.files[0]?.path ?? '');
}

/** With a little in every file that services mount besides: each becomes a secret or a config. */
function swarmStack(input: RenderInput): RenderedSwarm {
  const stack = renderStack({ ...input, target: 'swarm' });
  const mounted = outsideMounts(stack.compose).flatMap((path) => [`${path}/tls.crt`, `${path}/tls.key`]);
  return renderSwarm(stack, input.config.backends.replicas, {
    key: new Secret('0123456789abcdef'),
    files: Object.fromEntries(mounted.map((path) => [path, path])),
    secrets: {},
    override: null,
    environment: {},
  });
}

async function composeConfig(file: string, ...options: string[]): Promise<string> {
  // A variable that the rendered text must not be taken to name.
  const environment = {
    ...process.env,
    HOME: '/root',
    NAME: 'interpolated',
    B: 'interpolated',
    x: 'interpolated',
  };
  const { stdout, stderr } = await run('docker', ['compose', '-f', file, 'config', ...options], {
    env: environment,
    maxBuffer: 16 * 1024 * 1024,
  });
  // A variable that is not set would be told here.
  expect(stderr).toBe('');
  return stdout;
}

/** The configuration is printed as a file that can be read again: with every `$` doubled. */
function readPrinted(json: string): { services: Record<string, Record<string, unknown>> } {
  return JSON.parse(json, (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('$$', '$') : value,
  );
}

describe.skipIf(composeVersion === null)('the rendered file', () => {
  it('is accepted by Compose in every variant, without a warning', async () => {
    const all = variants(composeVersion ?? '');
    for (const [index, { name, input }] of all.entries()) {
      const file = await writeStack(renderStack(input), `variant-${index}`);
      await expect(composeConfig(file, '--quiet'), name).resolves.toBe('');
    }
  });

  it('gives values with dollars, quotes, lines and words of YAML back byte for byte', async () => {
    const backends = {
      image: 'shop/api:1.4',
      command: Object.values(AWKWARD_TEXT),
      healthCommand: ['check', ...Object.values(AWKWARD_TEXT)],
      environment: AWKWARD_TEXT,
    };
    const stack = renderStack({
      config: configSchema.parse({ backends }),
      flavour: 'official',
      profiles: ['core'],
      engineApiVersion: '1.41',
      images: localImages,
      fragments,
    });
    const printed = readPrinted(await composeConfig(await writeStack(stack, 'bytes'), '--format', 'json'));
    const backend = printed.services['backend-3'] ?? {};
    expect(backend.environment).toMatchObject(AWKWARD_TEXT);
    expect(backend.command).toEqual(backends.command);
    expect(backend.healthcheck).toMatchObject({ test: ['CMD', ...backends.healthCommand] });
  });

  it('builds from a folder whose name and arguments are awkward', async () => {
    const args = { TEXT: AWKWARD_TEXT.QUOTES ?? '', MONEY: '$5 $B' };
    const stack = renderStack({
      config: configSchema.parse({ backends: { build: { context: 'my $shop: #1', args } } }),
      flavour: 'official',
      profiles: ['core'],
      engineApiVersion: '1.41',
      images: localImages,
      fragments,
    });
    const printed = readPrinted(await composeConfig(await writeStack(stack, 'build'), '--format', 'json'));
    expect(printed.services['backend-1']?.build).toEqual({
      context: join(folder, 'build', 'my $shop: #1'),
      dockerfile: 'Dockerfile',
      args,
    });
  });
});

describe('the rendered stack file', () => {
  it('is accepted by "docker stack" in every variant, and gives text of the user back as Swarm has it', async () => {
    // With all profiles: fewer of them only leave services away.
    const whole = renderMatrix(fragments).filter(({ input }) => input.profiles.length === 3);
    for (const [index, { name, input }] of whole.entries()) {
      const file = await writeStack(swarmStack(input), `swarm-${index}`);
      const { stdout, stderr } = await run('docker', ['stack', 'config', '--compose-file', file]);
      expect(stderr, name).toBe('');
      const { services } = load(stdout) as {
        services: Record<string, { environment: Record<string, string> }>;
      };
      // What Swarm's own templates make of it is the text that it was.
      const environment = Object.entries(services.backend?.environment ?? {}).map(([key, value]) => [
        key,
        value.replaceAll('{{"{{"}}', '{{'),
      ]);
      expect(Object.fromEntries(environment), name).toMatchObject(input.config.backends.environment);
    }
  });
});
