import { identifyKong } from '../../kong/admin/identify.ts';
import { seedDump } from '../../kong/dump.ts';
import { clientOf } from '../../kong/seed.ts';
import type { Project } from '../project/project.ts';
import { kongAccess } from '../seed/seed.ts';
import type { World } from '../world.ts';

export async function kongVersion(world: World, project: Project): Promise<string> {
  const access = kongAccess(world, project, {});
  return (await identifyKong(clientOf(access), access.admin.url)).version;
}

/** Everything that Kong has, as a declaration with its secrets masked. `owner`: the project whose tags it carries. */
export async function kongText(world: World, project: Project, owner: string): Promise<string> {
  return (await seedDump({ ...kongAccess(world, project, {}), project: owner, all: true })).text;
}
