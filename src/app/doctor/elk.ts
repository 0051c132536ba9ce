import { join } from 'node:path';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { Check } from '../../diagnosis/doctor.ts';
import { kibanaDrift, storedObjects } from '../../elk/kibana-drift.ts';
import { type SetupDifference, setupDrift, wantedObjects } from '../../elk/setup-drift.ts';
import { readSecret } from '../../secrets/read.ts';
import { inDays } from '../../stack/render/days.ts';
import { trustingHttp } from '../certs/trust.ts';
import type { Project } from '../project/project.ts';
import { stackUrls } from '../project/urls.ts';
import type { World } from '../world.ts';

type Outside = Pick<World, 'http' | 'files' | 'packageRoot'>;
type Containers = readonly Pick<ContainerSummary, 'service' | 'state' | 'name'>[];

/** Whether Elasticsearch is still as its setup job left it; nothing where it does not run. */
export async function elasticsearchChecks(
  world: Outside,
  project: Project,
  containers: Containers,
): Promise<readonly Check[]> {
  const url = urlOf(project, containers, 'elasticsearch');
  if (url === undefined) return [];
  const text = (file: string) => packaged(world, `elk/elasticsearch/${file}`);
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
  return [driftCheck('elasticsearch', wanted.length, differences, containers)];
}

const SAVED_OBJECTS = 'elk/kibana/saved-objects';

/** Whether Kibana's data views, searches, charts and dashboard are still what its setup job imports. */
export async function kibanaChecks(
  world: Outside,
  project: Project,
  containers: Containers,
): Promise<readonly Check[]> {
  const url = urlOf(project, containers, 'kibana');
  if (url === undefined) return [];
  const names = (await world.files.list(join(world.packageRoot, SAVED_OBJECTS))).sort();
  const texts = await Promise.all(names.map((name) => packaged(world, `${SAVED_OBJECTS}/${name}`)));
  const wanted = texts.flatMap(storedObjects);
  const password = await readSecret(world.files, project.root, 'kibana-setup-password');
  const access = { url, user: 'kibana_setup', password };
  const differences = await kibanaDrift(trustingHttp(world, project), access, wanted);
  return [driftCheck('kibana', wanted.length, differences, containers)];
}

/** Where a service answers; undefined where it does not run. */
function urlOf({ config }: Project, containers: Containers, service: string): string | undefined {
  const runs = containers.some((container) => container.service === service && container.state === 'running');
  return runs ? stackUrls(config, [service])[service] : undefined;
}

async function packaged({ files, packageRoot }: Outside, path: string): Promise<string> {
  const content = await files.read(join(packageRoot, path));
  if (content === null) throw new Error(`there is no ${join(packageRoot, path)}`);
  return content.toString('utf8');
}

function driftCheck(
  service: string,
  wanted: number,
  differences: readonly SetupDifference[],
  containers: Containers,
): Check {
  const job = containers.find((container) => container.service === `${service}-setup`)?.name;
  const ok = differences.length === 0;
  return {
    name: `${service} setup`,
    ok,
    found: ok
      ? `${wanted} objects are as the setup job leaves them`
      : differences.map(({ path, what }) => `${path}: ${what}`).join('; '),
    // A job that ended well and is unchanged is left alone.
    fix: ok
      ? ''
      : `Run ${job === undefined ? '' : `"docker rm ${job}" and then `}"apictl up": the job sets everything up again.`,
  };
}
