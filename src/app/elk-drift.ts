import { join } from 'node:path';
import type { ContainerSummary } from '../core/ports/engine.ts';
import type { Check } from '../diagnosis/doctor.ts';
import { setupDrift, wantedObjects } from '../elk/setup-drift.ts';
import { readSecret } from '../secrets/read.ts';
import { inDays } from '../stack/render/days.ts';
import type { Project } from './project.ts';
import { trustingHttp } from './trust.ts';
import { stackUrls } from './urls.ts';
import type { World } from './world.ts';

/** Whether Elasticsearch is still as its setup job left it; nothing where it does not run. */
export async function elasticsearchChecks(
  world: Pick<World, 'http' | 'files' | 'packageRoot'>,
  project: Project,
  containers: readonly Pick<ContainerSummary, 'service' | 'state' | 'name'>[],
): Promise<readonly Check[]> {
  const runs = containers.some(({ service, state }) => service === 'elasticsearch' && state === 'running');
  const url = stackUrls(project.config, ['elasticsearch']).elasticsearch;
  if (!runs || url === undefined) return [];
  const text = async (file: string): Promise<string> => {
    const path = join(world.packageRoot, 'elk/elasticsearch', file);
    const content = await world.files.read(path);
    if (content === null) throw new Error(`there is no ${path}`);
    return content.toString('utf8');
  };
  const list = await text('objects');
  const names = list.split('\n').flatMap((line) => line.split(' ').slice(1));
  const contents = new Map(await Promise.all(names.map(async (name) => [name, await text(name)] as const)));
  const wanted = wantedObjects(
    list,
    (file) => contents.get(file) ?? '',
    inDays(project.config.retention.elasticsearch),
  );
  const password = await readSecret(world.files, project.root, 'elastic-password');
  const differences = await setupDrift(trustingHttp(world, project), { url, password }, wanted);
  const job = containers.find(({ service }) => service === 'elasticsearch-setup')?.name;
  return [
    {
      name: 'elasticsearch setup',
      ok: differences.length === 0,
      found:
        differences.length === 0
          ? `${wanted.length} objects are as the setup job leaves them`
          : differences.map(({ path, what }) => `${path}: ${what}`).join('; '),
      // A job that ended well and is unchanged is left alone.
      fix:
        differences.length === 0
          ? ''
          : `Run ${job === undefined ? '' : `"docker rm ${job}" and then `}"apictl up": the job sets everything up again.`,
    },
  ];
}
