import * as z from 'zod';
import { judgePair } from '../certs/findings.ts';
import { daysLeft, wantedCertificates } from '../certs/model.ts';
import { readCertificates } from '../certs/read.ts';
import { FLAVOURS } from '../config/choices.ts';
import { type CheckHistory, historyOf } from '../core/check-history.ts';
import type { ContainerDetails, ContainerSummary } from '../core/ports/engine.ts';
import { liveGraph } from '../stack/live-graph.ts';
import { isFoundByName } from '../stack/plan.ts';
import { checkArgv } from '../stack/readiness.ts';
import { FLAVOUR_LABEL } from '../stack/render/labels.ts';
import { firingAlerts } from './alerts/firing.ts';
import { incompleteHint, readMarker } from './backup/marker.ts';
import { expectedServices } from './expected-services.ts';
import type { Unwell } from './explain.ts';
import type { Failure } from './failures.ts';
import { kongState } from './kong-state.ts';
import { otherRoot } from './ownership.ts';
import type { Project } from './project.ts';
import type { World } from './world.ts';

const serviceSchema = z.object({
  name: z.string(),
  state: z.enum(['running', 'exited', 'created', 'missing', 'restarting', 'paused', 'dead', 'removing']),
  health: z.enum(['healthy', 'starting', 'unhealthy', 'none']),
  image: z.string(),
  uptimeSeconds: z.number().int(),
  restarts: z.number().int(),
  ports: z.array(z.string()),
  memoryBytes: z.number().int(),
  cpuPercent: z.number(),
  problem: z
    .object({
      cause: z.string(),
      hint: z.string(),
      becauseOf: z.string().nullable().describe('The service whose problem explains this one.'),
    })
    .nullable(),
});
export type ServiceStatus = z.output<typeof serviceSchema>;

/** What `status --json` prints. */
export const statusSchema = z.object({
  project: z.string(),
  state: z.enum(['healthy', 'degraded', 'stopped']),
  images: z.enum(FLAVOURS).nullable(),
  services: z.array(serviceSchema),
  leftOut: z.array(z.object({ name: z.string(), why: z.string() })),
  kong: z.object({
    reachable: z.boolean(),
    databaseReachable: z.boolean(),
    drift: z
      .number()
      .int()
      .nullable()
      .describe('Differences to the declared state; null where it cannot be told.'),
    upstreams: z.array(
      z.object({
        name: z.string(),
        targets: z.array(z.object({ target: z.string(), weight: z.number(), health: z.string() })),
      }),
    ),
  }),
  certificates: z.array(z.object({ name: z.string(), notAfter: z.string(), daysLeft: z.number().int() })),
  alerts: z.array(z.object({ name: z.string(), severity: z.string(), state: z.string() })),
  warnings: z.array(z.string()),
});
export type Status = z.output<typeof statusSchema>;

const CHECK_TIMEOUT_MS = 5_000;

/** The truth about the stack, asked now. Writes nothing. */
export async function status(world: World, project: Project): Promise<Status> {
  const { config } = project;
  const [containers, expected] = await Promise.all([
    world.engine.containers(config.project),
    expectedServices(world, project),
  ]);
  const live = containers.filter(({ name }) => !/^[0-9a-f]{12}_/.test(name));
  const [services, kong, certificates, alerts, elsewhere, marker] = await Promise.all([
    Promise.all(live.map((container) => serviceStatus(world, container))),
    kongState(world, project, live),
    certificateStatus(world, project),
    firingAlerts(world, project, live),
    otherRoot(world, project.root, live),
    readMarker(world, project),
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
    .sort((a, b) => order(a.name, b.name));
  const running = live.some(({ state }) => state === 'running');
  const jobs = new Set(services.flatMap(({ status, isJob }) => (isJob ? [status.name] : [])));
  const isWell = marker === null && isHealthy(all, kong, jobs);
  const state = !running ? 'stopped' : isWell ? 'healthy' : 'degraded';
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
      ...(marker === null
        ? []
        : [`the restore of ${marker.file} was ended half-way. ${incompleteHint(marker)}`]),
      ...elsewhereWarning(elsewhere),
      ...(live.length === 0 || expected.isKnown
        ? []
        : ['the rendered files in .apictl are missing or damaged; "apictl up" writes them again']),
      ...services.flatMap(({ nameless }) => nameless ?? []),
      ...certificates.warnings,
      ...alerts.warnings,
      ...driftWarning(kong.drift),
    ],
  };
}

/** The diagnosis is loaded only where there is something to explain. */
async function explained(
  world: World,
  project: Project,
  unwell: readonly Unwell[],
  live: readonly ContainerSummary[],
): Promise<Failure[]> {
  if (unwell.length === 0) return [];
  const { explainFailures } = await import('./failures.ts');
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

const order = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

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

async function serviceStatus(
  world: World,
  container: ContainerSummary,
): Promise<{
  readonly status: ServiceStatus;
  readonly unwell: Unwell | null;
  readonly isJob: boolean;
  /** What to tell where it runs and nobody can find it. */
  readonly nameless: string | null;
}> {
  const details = await world.engine.inspect(container.id);
  const [usage, { health, checks }] = await Promise.all([
    details.state === 'running' ? world.engine.usage(details) : null,
    healthNow(world, details),
  ]);
  // As everywhere in the stack: what nobody starts again runs once and ends.
  const isJob = details.restartPolicy === 'no';
  const endedWell = isJob && details.state === 'exited' && details.exitCode === 0;
  const waits = isJob && (details.state === 'running' || details.state === 'created');
  const well =
    endedWell || waits || (details.state === 'running' && (health === 'healthy' || health === 'none'));
  const status = {
    name: container.service,
    state: details.state,
    health: endedWell ? 'none' : health,
    image: container.image,
    uptimeSeconds:
      details.state === 'running' && details.startedMs !== null
        ? Math.floor((world.clock.now() - details.startedMs) / 1000)
        : 0,
    restarts: details.restarts,
    ports: portTexts(container),
    memoryBytes: Math.round(usage?.memoryBytes ?? 0),
    cpuPercent: usage?.cpuPercent ?? 0,
    problem: null,
  };
  const isHidden = details.state === 'running' && !isFoundByName(container.service, details.aliases);
  return {
    status,
    unwell: well ? null : unwellOf(details, checks),
    isJob,
    nameless: isHidden ? namelessWarning(details) : null,
  };
}

/** Where the engine has not made up its mind yet, the check is run here: nobody should wait for its interval. */
async function healthNow(
  world: World,
  details: ContainerDetails,
): Promise<{ health: ServiceStatus['health']; checks: CheckHistory }> {
  if (details.state !== 'running' || details.healthTest.length === 0) return { health: 'none', checks: [] };
  if (details.health !== 'starting') return { health: details.health, checks: [] };
  const result = await world.engine
    .exec(details.id, checkArgv(details.healthTest), CHECK_TIMEOUT_MS, world.signal)
    .catch(() => ({ exitCode: 1, output: '' }));
  const checks = historyOf([{ ...result, endMs: world.clock.now() }]);
  return { health: result.exitCode === 0 ? 'healthy' : 'starting', checks };
}

/** Compose leaves containers so, silently, when it makes their network anew. */
const namelessWarning = ({ service, name }: ContainerDetails): string =>
  `${service} runs, but its network does not know its name, so no service reaches it; "docker stop ${name}", then "apictl up" makes it anew`;

/** How an unwell service is told to the diagnosis. */
function unwellOf(details: ContainerDetails, checks: CheckHistory): Unwell {
  const ended = details.state === 'exited' || details.state === 'dead' || details.state === 'restarting';
  return {
    service: details.service,
    containerId: details.id,
    ending: ended ? 'ended' : 'unhealthy',
    exitCode: ended ? details.exitCode : null,
    refusal: '',
    checks,
  };
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

const portTexts = (container: ContainerSummary): string[] =>
  [
    ...new Set(
      container.ports.map(
        ({ hostAddress, hostPort, containerPort, protocol }) =>
          `${hostAddress}:${hostPort}->${containerPort}/${protocol}`,
      ),
    ),
  ].sort(order);

async function certificateStatus(world: World, { root, config }: Project) {
  const wanted = wantedCertificates(config);
  const nowMs = world.clock.now();
  const found = await readCertificates(world, root, wanted);
  const standard = { renewBeforeDays: config.tls.renewBeforeDays, nowMs };
  const list = found.leaves.flatMap(({ name, certificate }) =>
    certificate === null || certificate === 'unreadable'
      ? []
      : [{ name, notAfter: certificate.notAfter.toISOString(), daysLeft: daysLeft(certificate, nowMs) }],
  );
  const warnings = wanted.flatMap((want) => {
    const pair = found.leaves.find(({ name }) => name === want.name);
    // Before the first "up" there is none, which is no news.
    if (pair === undefined || pair.certificate === null) return [];
    return judgePair(pair, want, standard).map(
      ({ found: what, fix }) => `certificate ${want.name} ${what}. ${fix}`,
    );
  });
  return { list, warnings };
}

const driftWarning = (drift: number | null): string[] =>
  drift === null || drift === 0
    ? []
    : [
        `Kong differs from the declared state in ${drift} ${drift === 1 ? 'entity' : 'entities'}; see "apictl seed diff"`,
      ];
