import { join } from 'node:path';
import type { RenderedStack } from '../../stack/render/render-stack.ts';
import { apictlFolder, type Project } from '../project/project.ts';
import { composeTarget } from '../render/rendered.ts';
import type { World } from '../world.ts';

/**
 * Has Compose read the user's override together with what would be rendered, before anything is made: what is wrong with its keys only
 * Compose knows, and each of its calls would say it again.
 * @throws ApictlError OVERRIDE_INVALID (64), or COMPOSE_FAILED (5)
 */
export async function refuseWrongOverride(
  world: Pick<World, 'compose' | 'files' | 'signal'>,
  project: Project,
  { files }: Pick<RenderedStack, 'files'>,
): Promise<void> {
  const target = await composeTarget(world, project);
  const [rendered, ...overrides] = target.files;
  const text = files.find(({ path }) => rendered?.endsWith(`/${path}`))?.content;
  if (overrides.length === 0 || text === undefined) return;
  // The file that runs now is left alone until all is well.
  const drawn = join(apictlFolder(project.root), 'override-check.yaml');
  await world.files.write(drawn, text);
  try {
    const asked = { ...target, files: [drawn, ...overrides] };
    await world.compose.run(asked, ['config', '--quiet'], { signal: world.signal });
  } finally {
    await world.files.remove(drawn);
  }
}
