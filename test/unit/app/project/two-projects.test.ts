import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withLock } from '../../../../src/app/project/session.ts';
import { renderProject } from '../../../../src/app/render/rendered.ts';
import type { World } from '../../../../src/app/world.ts';
import { PROFILES } from '../../../../src/config/choices.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { publishedPorts } from '../../../../src/stack/render/published-ports.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';
import { withPackage } from '../../../fakes/packaged-files.ts';
import { localImages, packageRoot } from '../../stack/render/matrix.ts';

/** A stack called by this name, in a folder of that name. */
async function stackOf(project: string, shift: number) {
  const root = join('/', project);
  const files = withPackage(memoryFiles(), packageRoot);
  const config = configSchema.parse({ project, ports: { shift } });
  const stack = await renderProject(
    { files, environment: {}, packageRoot },
    { root, config, dotenv: {} },
    {
      flavour: 'official',
      profiles: PROFILES,
      engineApiVersion: '1.41',
      composeVersion: '2.26.1',
      images: localImages,
    },
  );
  return { root, config, stack };
}

it('two projects with folders of their own share no port, no name and no path', async () => {
  const [one, two] = await Promise.all([stackOf('one', 0), stackOf('two', 1000)]);
  const names = ({ stack }: typeof one) => ({
    ports: publishedPorts(stack.compose).map(({ port }) => port),
    // Compose puts the project before every name that the file does not fix.
    fixed: [
      ...Object.values(stack.compose.services).flatMap((service) =>
        'container_name' in service || 'hostname' in service ? [service] : [],
      ),
      ...(['networks', 'volumes'] as const).flatMap((kind) =>
        Object.entries(stack.compose[kind]).flatMap(([name, given]) =>
          Object.hasOwn(given, 'name') ? [name] : [],
        ),
      ),
    ],
  });
  expect(one.stack.compose.name).toBe('one');
  expect(two.stack.compose.name).toBe('two');
  expect(names(one).fixed).toEqual([]);
  expect(names(one).ports.filter((port) => names(two).ports.includes(port))).toEqual([]);
  // Everything that is mounted lies below the folder of the file, or in the engine, so that it is each project's own.
  const text = (name: typeof one) => JSON.stringify(name.stack.compose);
  expect(text(one)).not.toMatch(/\/two\b/);
  expect(text(two)).not.toMatch(/\/one\b/);
});

it('two projects hold two locks', async () => {
  const taken: string[] = [];
  const world = {
    files: memoryFiles(),
    engine: { containers: async () => [] },
    lock: {
      take: async ({ path }: { readonly path: string }) => {
        taken.push(path);
        return { release: () => {} };
      },
    },
    signal: new AbortController().signal,
  } as unknown as World;
  for (const project of ['one', 'two']) {
    const config = configSchema.parse({ project });
    await withLock(
      world,
      { root: `/${project}`, config, dotenv: {} },
      { command: 'up', waitSeconds: 0 },
      async () => {},
    );
  }
  expect(taken).toEqual(['/one/.apictl/lock', '/two/.apictl/lock']);
});
