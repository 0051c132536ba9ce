import * as z from 'zod';
import type { Profile } from '../../config/choices.ts';
import { EXPOSURE_FIX, exposure } from '../../config/exposure.ts';
import { ApictlError, messageOf } from '../../core/errors.ts';
import type { ContainerSummary, EngineFacts } from '../../core/ports/engine.ts';
import {
  type Check,
  COMFORTABLE_BYTES,
  checkDisk,
  checkEngine,
  checkMapCount,
  checkMemory,
} from '../../diagnosis/doctor.ts';
import { readFragments } from '../../stack/fragments/fragments.ts';
import { servedProfiles } from '../../stack/render/selection.ts';
import { checkCertificates } from '../certs/check.ts';
import { decidedFlavour } from '../images/images.ts';
import { configuredPorts } from '../ports/configured.ts';
import { heldPorts } from '../preflight/preflight.ts';
import { chooseProfiles } from '../project/profiles.ts';
import type { Project } from '../project/project.ts';
import { readOverride } from '../render/override-file.ts';
import { status } from '../status/status.ts';
import type { World } from '../world.ts';
import { elasticsearchChecks, kibanaChecks } from './elk.ts';
import { containedSecretChecks, secretChecks } from './secrets.ts';

/** What `doctor --json` and `smoke --json` print. */
export const checksSchema = z.object({
  checks: z.array(
    z.object({
      name: z.string(),
      ok: z.boolean(),
      found: z.string(),
      fix: z.string(),
      seconds: z.number(),
      skipped: z.literal(true).optional().describe('It was not made; "found" says why.'),
    }),
  ),
});
export type Checks = z.output<typeof checksSchema>;

/** Looks at everything that can stand in the way. Changes nothing; a check that cannot be made says so. */
export async function doctor(world: World, project: Project): Promise<Checks> {
  const checks: Checks['checks'] = [];
  const look = async (name: string, work: () => Promise<readonly Check[]>): Promise<void> => {
    const started = world.clock.now();
    const found = await work().catch((thrown: unknown) => [failedCheck(name, thrown)]);
    const seconds = (world.clock.now() - started) / 1000;
    checks.push(...found.map((check) => ({ ...check, seconds })));
  };
  let facts: EngineFacts | undefined;
  await look('engine', async () => {
    facts = await world.engine.facts();
    return [checkEngine(facts)];
  });
  await look('compose', async () => [
    { name: 'compose', ok: true, found: `Docker Compose ${await world.compose.version()}`, fix: '' },
  ]);
  if (facts !== undefined) await lookAtMachine(world, project, facts, look);
  const exposed = exposure(project.config);
  if (exposed !== null) {
    await look('bind', async () => [{ name: 'bind', ok: false, found: exposed, fix: EXPOSURE_FIX }]);
  }
  await look('compose.override.yaml', () => overrideChecks(world, project));
  await look('secrets', () => secretChecks(world, project, facts !== undefined));
  await look('certificates', () => certificateChecks(world, project));
  if (facts !== undefined) await look('secrets in containers', () => containedSecretChecks(world, project));
  if (facts !== undefined) await look('services', () => stackChecks(world, project));
  return { checks };
}

type Look = (name: string, work: () => Promise<readonly Check[]>) => Promise<void>;

async function lookAtMachine(world: World, project: Project, facts: EngineFacts, look: Look): Promise<void> {
  const containers: ContainerSummary[] = await world.engine
    .containers(project.config.project)
    .catch(() => []);
  const profiles = await profilesToRun(world, project, facts, containers);
  await look('ports', () => portChecks(world, project, facts, containers));
  await look('memory', async () => [checkMemory(facts, profiles)]);
  await look('disk', () => diskChecks(world, project, facts));
  if (profiles.includes('elk')) {
    await look('vm.max_map_count', async () => [
      checkMapCount((await world.files.read('/proc/sys/vm/max_map_count'))?.toString('utf8') ?? null),
    ]);
  }
  await look('elasticsearch setup', () => elasticsearchChecks(world, project, containers));
  await look('kibana setup', () => kibanaChecks(world, project, containers));
}

/** What its flavour leaves out needs no memory; as long as it is not decided, all of it may come to run. */
async function profilesToRun(
  world: World,
  project: Project,
  facts: EngineFacts,
  containers: readonly ContainerSummary[],
): Promise<readonly Profile[]> {
  const { profiles } = chooseProfiles(project.config, facts.memoryBytes);
  const flavour = await decidedFlavour(world, project, containers).catch(() => null);
  if (flavour === null) return profiles;
  const fragments = await readFragments(world.files, world.packageRoot);
  return servedProfiles({ fragments, flavour, profiles });
}

const diskChecks = (world: World, project: Project, facts: EngineFacts): Promise<Check[]> =>
  Promise.all(
    [
      { name: 'engine', path: facts.dataFolder, wantedBytes: COMFORTABLE_BYTES.engine },
      { name: 'project', path: project.root, wantedBytes: COMFORTABLE_BYTES.project },
    ].map(async (need) => checkDisk(need, await world.files.disk(need.path))),
  );

/** What runs, with the findings of `status`; nothing is said where nothing was brought up. */
async function stackChecks(world: World, project: Project): Promise<Check[]> {
  const found = await status(world, project);
  if (found.services.length === 0) return [];
  // What failed first comes before what failed because of it.
  const unwell = found.services
    .flatMap(({ name, problem }) => (problem === null ? [] : [{ name, ...problem }]))
    .sort((a, b) => Number(a.becauseOf !== null) - Number(b.becauseOf !== null))
    .map(({ name, cause, hint }) => ({ name: `service ${name}`, ok: false, found: cause, fix: hint }));
  const { drift } = found.kong;
  return [
    ...unwell,
    {
      name: 'services',
      ok: true,
      found: `${found.services.length - unwell.length} of ${found.services.length} are well`,
      fix: '',
    },
    ...(drift === null
      ? []
      : [
          {
            name: 'drift',
            ok: drift === 0,
            found: `Kong differs from the declared state in ${drift} ${drift === 1 ? 'entity' : 'entities'}`,
            fix: drift === 0 ? '' : 'See "apictl seed diff"; "apictl seed" brings Kong back.',
          },
        ]),
  ];
}

async function portChecks(
  world: World,
  project: Project,
  facts: EngineFacts,
  containers: readonly ContainerSummary[],
): Promise<Check[]> {
  const wanted = configuredPorts(project.config);
  const held = await heldPorts(world, wanted, containers, facts.endpoint);
  const free = wanted.length - held.length;
  return [
    ...held.map(({ port, service, holder, hint }) => ({
      name: `port ${port}`,
      ok: false,
      found: `wanted by ${service}, ${holder}`,
      fix: hint,
    })),
    {
      name: 'ports',
      ok: true,
      found: `${free} of ${wanted.length} are free or already this stack’s`,
      fix: '',
    },
  ];
}

/** Only that it is YAML: what its keys mean, Compose says when it is asked to make something of them. */
async function overrideChecks({ files }: Pick<World, 'files'>, { root }: Project): Promise<Check[]> {
  const text = await readOverride(files, root);
  return text === null
    ? []
    : [{ name: 'compose.override.yaml', ok: true, found: 'can be read, and is handed to Compose', fix: '' }];
}

async function certificateChecks(world: World, project: Project): Promise<Check[]> {
  const judged = await checkCertificates(world, project, { served: true });
  if (judged.every(({ daysLeft }) => daysLeft === null)) {
    return [{ name: 'certificates', ok: true, found: 'none yet; "apictl up" makes them', fix: '' }];
  }
  return [
    ...judged.flatMap(({ name, findings }) =>
      findings.map(({ found, fix }) => ({ name: `certificate ${name}`, ok: false, found, fix })),
    ),
    {
      name: 'certificates',
      ok: true,
      found: `${judged.filter(({ findings }) => findings.length === 0).length} of ${judged.length} are fit`,
      fix: '',
    },
  ];
}

const failedCheck = (name: string, thrown: unknown): Check => ({
  name,
  ok: false,
  found: messageOf(thrown),
  fix: thrown instanceof ApictlError ? (thrown.hint ?? '') : '',
});
