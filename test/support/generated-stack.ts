import { stringify } from 'yaml';

/** A service of a generated stack: it boots for a known time, or it is a job that works that long. */
export interface GeneratedService {
  readonly name: string;
  /** Seconds until its health check passes; for a job, until it ends. */
  readonly seconds: number;
  readonly dependsOn?: readonly string[];
  readonly isJob?: boolean;
  /** Shell commands before the boot, as `exit 3`; for tests of what goes wrong. */
  readonly first?: string;
  /** Laid over the rendered service. */
  readonly service?: Readonly<Record<string, unknown>>;
}

export interface GeneratedStackOptions {
  readonly image: string;
  /** Of every health check, as `10s`. */
  readonly interval: string;
  /** Written only where the engine knows it. */
  readonly startInterval?: string;
}

/**
 * The shape of the platform with known times: a database, a job and a gateway with what watches it behind that, three backends, a
 * search engine with two dependants.
 */
export const PLATFORM: readonly GeneratedService[] = [
  { name: 'database', seconds: 4 },
  { name: 'migrations', seconds: 2, dependsOn: ['database'], isJob: true },
  { name: 'backend-1', seconds: 3 },
  { name: 'backend-2', seconds: 3 },
  { name: 'backend-3', seconds: 3 },
  { name: 'gateway', seconds: 4, dependsOn: ['migrations', 'backend-1', 'backend-2', 'backend-3'] },
  { name: 'metrics', seconds: 2, dependsOn: ['gateway'] },
  { name: 'alerts', seconds: 2, dependsOn: ['metrics'] },
  { name: 'pages', seconds: 2, dependsOn: ['alerts'] },
  { name: 'search', seconds: 6 },
  { name: 'search-setup', seconds: 2, dependsOn: ['search'], isJob: true },
  { name: 'search-pages', seconds: 5, dependsOn: ['search-setup'] },
  { name: 'shipper', seconds: 4, dependsOn: ['search'] },
];

/** The longest chain by seconds, first to last: no tool can be faster than that. */
export function criticalPathOf(services: readonly GeneratedService[]): readonly GeneratedService[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const pathTo = (service: GeneratedService): readonly GeneratedService[] => {
    const above = (service.dependsOn ?? []).map((name) => {
      const parent = byName.get(name);
      if (parent === undefined) throw new Error(`the generated stack has no service ${name}`);
      return pathTo(parent);
    });
    return [...longest(above), service];
  };
  return longest(services.map(pathTo));
}

const secondsOf = (path: readonly GeneratedService[]): number =>
  path.reduce((sum, { seconds }) => sum + seconds, 0);

const longest = (paths: readonly (readonly GeneratedService[])[]): readonly GeneratedService[] =>
  paths.reduce((best, path) => (secondsOf(path) > secondsOf(best) ? path : best), []);

/** The stack as the files of an installation of apictl: path -> text. */
export function fragmentFiles(
  services: readonly GeneratedService[],
  options: GeneratedStackOptions,
): Readonly<Record<string, string>> {
  const common = {
    service: { image: options.image, networks: { 'kong-net': {} }, stop_grace_period: '2s' },
  };
  return {
    'compose/common.yaml': stringify(common),
    ...Object.fromEntries(
      services.map((service) => [
        `compose/fragments/${service.name}.yaml`,
        stringify(fragmentOf(service, services, options)),
      ]),
    ),
  };
}

function fragmentOf(
  service: GeneratedService,
  all: readonly GeneratedService[],
  options: GeneratedStackOptions,
) {
  const part = { kind: 'real', why: 'generated' };
  return {
    profile: 'core',
    summary: `Boots for ${service.seconds} s.`,
    service: {
      ...dependencies(service, all),
      ...(service.isJob === true ? jobOf(service) : serverOf(service, options)),
      ...service.service,
    },
    official: part,
    embedded: part,
  };
}

function dependencies({ dependsOn = [] }: GeneratedService, all: readonly GeneratedService[]) {
  const jobs = new Set(all.filter(({ isJob }) => isJob === true).map(({ name }) => name));
  const conditions = dependsOn.map((name) => [
    name,
    { condition: jobs.has(name) ? 'service_completed_successfully' : 'service_healthy' },
  ]);
  return dependsOn.length === 0 ? {} : { depends_on: Object.fromEntries(conditions) };
}

const jobOf = ({ seconds, first }: GeneratedService) => ({
  restart: 'no',
  command: shell([first, `sleep ${seconds}`]),
});

const serverOf = ({ seconds, first }: GeneratedService, options: GeneratedStackOptions) => ({
  restart: 'unless-stopped',
  init: true,
  command: shell(['rm -f /tmp/ready', first, `sleep ${seconds}`, 'touch /tmp/ready', 'exec sleep infinity']),
  healthcheck: {
    test: ['CMD', 'test', '-f', '/tmp/ready'],
    interval: options.interval,
    timeout: '5s',
    retries: 3,
    start_period: '60s',
    ...(options.startInterval === undefined ? {} : { start_interval: options.startInterval }),
  },
});

const shell = (lines: readonly (string | undefined)[]): string[] => [
  'sh',
  '-euc',
  lines.filter((line) => line !== undefined).join('\n'),
];
