import { FLAVOURS } from '../../config/choices.ts';
import { historyOf } from '../../core/check-history.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import { liveGraph } from '../../stack/graph/live-graph.ts';
import { FLAVOUR_LABEL } from '../../stack/render/labels.ts';
import { firingAlerts } from '../alerts/firing.ts';
import { incompleteHint, readMarker } from '../backup/marker.ts';
import type { Unwell } from '../failures/explain.ts';
import type { Failure } from '../failures/failures.ts';
import { otherRoot } from '../project/ownership.ts';
import type { Project } from '../project/project.ts';
import { expectedServices } from '../render/expected-services.ts';
import type { World } from '../world.ts';
import { certificateStatus } from './certificates.ts';
import { kongState } from './kong.ts';
import { lostNamesWarning } from './lost-names.ts';
import type { ServiceStatus, Status } from './model.ts';
import { byName } from './order.ts';
import { secretWarnings } from './secrets.ts';
import { serviceStatus } from './service.ts';

/** The truth about the stack, asked now. Writes nothing. */
export async function status(world: World, project: Project): Promise<Status> {
  const { config } = project;
  const [containers, expected] = await Promise.all([
    world.engine.containers(config.project),
    expectedServices(world, project),
  ]);
  const live = containers.filter(({ name }) => !/^[0-9a-f]{12}_/.test(name));
  const [services, kong, certificates, alerts, elsewhere, marker, secrets] = await Promise.all([
    Promise.all(live.map((container) => serviceStatus(world, container))),
    kongState(world, project, live),
    certificateStatus(world, project, live.length > 0),
    firingAlerts(world, project, live),
    otherRoot(world, project.root, live),
    readMarker(world, project),
    secretWarnings(world, project),
  ]);
  const missing =
    live.length === 0
      ? []
      : expected.services.filter((name) => !live.some(({ service }) => service === name));
  const gateway = live.find(({ service, state }) => service === 'kong' && state === 'running');
  const unwell = [
    ...services.flatMap((service) => service.unwell ?? []),
    ...missing.map(absent),
    ...(gateway !== undefined &&
    kong.reachable &&
    !kong.databaseReachable &&
    services.every((service) => service.unwell?.service !== 'kong')
      ? [withoutDatabase(gateway, world.clock.now())]
      : []),
  ];
  const failures = await explained(world, project, unwell, live);
  const problems = new Map(
    failures.map(({ explained: { service, cause, hint, becauseOf } }) => [
      service,
      { cause, hint, becauseOf },
    ]),
  );
  const all = [...services.map(({ status }) => status), ...missing.map(missingService)]
    .map((service) => ({ ...service, problem: problems.get(service.name) ?? null }))
    .sort((a, b) => byName(a.name, b.name));
  const running = live.some(({ state }) => state === 'running');
  const jobs = new Set(services.flatMap(({ status, isJob }) => (isJob ? [status.name] : [])));
  const isWell = marker === null && isHealthy(all, kong, jobs);
  const deployed = live.length === 0 ? await onSwarm(world, project) : null;
  const stopped = deployed === null ? 'stopped' : deployed.isComplete ? 'healthy' : 'degraded';
  const state = !running ? stopped : isWell ? 'healthy' : 'degraded';
  return {
    project: config.project,
    state,
    images: flavourOf(live),
    services: all,
    leftOut: expected.leftOut,
    kong,
    certificates: certificates.list,
    alerts: alerts.list,
    warnings: [
      ...(deployed?.text ?? []),
      ...(marker === null
        ? []
        : [`the restore of ${marker.file} was ended half-way. ${incompleteHint(marker)}`]),
      ...elsewhereWarning(elsewhere),
      ...(live.length === 0 || expected.isKnown
        ? []
        : ['the rendered files in .apictl are missing or damaged; "apictl up" writes them again']),
      ...services.flatMap(({ nameless }) => nameless ?? []),
      ...lostNamesWarning(kong.upstreams, all),
      ...secrets,
      ...certificates.warnings,
      ...alerts.warnings,
      ...driftWarning(kong.drift),
    ],
  };
}

/** Swarm is asked only where Compose has nothing. */
async function onSwarm(world: World, project: Project) {
  const { deployedStack, deployedText } = await import('../deploy/deployed.ts');
  const deployed = await deployedStack(world, project);
  if (deployed === null) return null;
  return { isComplete: deployed.isComplete, text: [deployedText(deployed, project.config.project)] };
}

/** The diagnosis is loaded only where there is something to explain. */
async function explained(
  world: World,
  project: Project,
  unwell: readonly Unwell[],
  live: readonly ContainerSummary[],
): Promise<Failure[]> {
  if (unwell.length === 0) return [];
  const { explainFailures } = await import('../failures/failures.ts');
  return explainFailures(world, project, unwell, {
    dependencies: Object.fromEntries(liveGraph(live).map(({ name, dependsOn }) => [name, dependsOn])),
    containerIds: new Map(live.map(({ service, id }) => [service, id])),
  });
}

const elsewhereWarning = (other: string | null): string[] =>
  other === null
    ? []
    : [
        `these containers were brought up from ${other}: secrets, certificates and jobs of this folder are others`,
      ];

const flavourOf = (containers: readonly ContainerSummary[]): Status['images'] =>
  FLAVOURS.find((flavour) => containers.some(({ labels }) => labels[FLAVOUR_LABEL] === flavour)) ?? null;

function isHealthy(
  services: readonly ServiceStatus[],
  kong: Status['kong'],
  jobs: ReadonlySet<string>,
): boolean {
  const well = services.every(({ name, state, health, problem }) =>
    jobs.has(name) ? problem === null : state === 'running' && (health === 'healthy' || health === 'none'),
  );
  const targets = kong.upstreams.flatMap((upstream) => upstream.targets);
  const serving = targets.every(
    ({ weight, health }) => weight === 0 || health === 'HEALTHY' || health === 'HEALTHCHECKS_OFF',
  );
  const hasKong = services.some(({ name }) => name === 'kong');
  return well && serving && (!hasKong || (kong.reachable && kong.databaseReachable));
}

const absent = (service: string): Unwell => ({
  service,
  containerId: null,
  ending: 'unhealthy',
  exitCode: null,
  refusal: '',
  checks: [],
});

/** Kong goes on serving what it knows when its database is gone, and its own check takes minutes to say so. */
const withoutDatabase = (container: ContainerSummary, nowMs: number): Unwell => ({
  service: container.service,
  containerId: container.id,
  ending: 'unhealthy',
  exitCode: null,
  refusal: '',
  checks: historyOf([{ exitCode: 1, output: 'its database is not reachable', endMs: nowMs }]),
});

const missingService = (name: string): ServiceStatus => ({
  name,
  state: 'missing',
  health: 'none',
  image: '',
  uptimeSeconds: 0,
  restarts: 0,
  ports: [],
  memoryBytes: 0,
  cpuPercent: 0,
  problem: null,
});

const driftWarning = (drift: number | null): string[] =>
  drift === null || drift === 0
    ? []
    : [
        `Kong differs from the declared state in ${drift} ${drift === 1 ? 'entity' : 'entities'}; see "apictl seed diff"`,
      ];
