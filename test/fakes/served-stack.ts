import type { Project } from '../../src/app/project/project.ts';
import type { World } from '../../src/app/world.ts';
import { configSchema } from '../../src/config/schema.ts';
import type { Event } from '../../src/core/events.ts';
import type { ContainerSummary } from '../../src/core/ports/engine.ts';
import { summary } from './containers.ts';
import { fakeClock } from './fake-clock.ts';
import { type FakeKong, fakeKong } from './fake-kong.ts';
import { memoryFiles } from './memory-files.ts';
import { declaring } from './seed-run.ts';

const OWN = ['managed-by:apictl', 'project:apictl'];

/** A stack whose gateway sends requests to its backends; what is asked of both is logged in the order of asking. */
export interface ServedStack {
  readonly world: World;
  readonly project: Project;
  readonly kong: FakeKong;
  readonly events: Event[];
  /** `exec id-backend-1`, `PATCH backend-1:8000 0`. */
  readonly log: string[];
  readonly interrupt: () => void;
  readonly containers: ContainerSummary[];
  /** Target -> weight, as Kong has it. */
  readonly weights: () => Readonly<Record<string, number>>;
  /** Requests that a container has in hand, by the container's id; asked for again each time. */
  inFlight: (containerId: string) => number | null;
  /** What `cat` says in a container of the kernel's tables of connections. */
  connections: (containerId: string) => { readonly exitCode: number; readonly output: string };
}

export function servedStack({
  replicas = 3,
  kongYaml = 'upstreams: [{ name: backend }]',
  backends = {},
}: {
  readonly replicas?: number;
  readonly kongYaml?: string;
  readonly backends?: Readonly<Record<string, unknown>>;
} = {}): ServedStack {
  const kong = fakeKong();
  const clock = fakeClock();
  const interruption = new AbortController();
  const names = Array.from({ length: replicas }, (_, index) => `backend-${index + 1}`);
  const containers = names.map((service, index) =>
    summary({ service, networks: { 'apictl_kong-net': { networkId: 'n', address: `10.0.0.${index + 1}` } } }),
  );
  const upstream = kong.put('upstreams', { name: 'backend', tags: OWN });
  for (const name of names)
    kong.put('targets', { target: `${name}:8000`, weight: 100, upstream: { id: upstream.id }, tags: OWN });
  kong.health = (target) => ({
    health: 'HEALTHY',
    addresses: containers
      .filter(({ service }) => target === `${service}:8000`)
      .flatMap(({ networks }) => Object.values(networks).map(({ address }) => address)),
  });
  const events: Event[] = [];
  const log: string[] = [];
  const stack: ServedStack = {
    kong,
    events,
    log,
    containers,
    interrupt: () => interruption.abort('SIGINT'),
    weights: () =>
      Object.fromEntries(kong.entities('targets').map(({ target, weight }) => [target, weight as number])),
    inFlight: () => 0,
    connections: () => ({ exitCode: 127, output: 'exec: "cat": executable file not found' }),
    project: {
      root: '/srv',
      dotenv: {},
      config: configSchema.parse({ backends: { replicas, ...backends } }),
    },
    world: {
      http: {
        request: async (asked: Parameters<FakeKong['http']['request']>[0]) => {
          const { pathname } = new URL(asked.url);
          const body =
            asked.body === undefined ? {} : (JSON.parse(String(asked.body)) as { weight?: number });
          if (asked.method !== 'GET')
            log.push(`${asked.method} ${pathname.split('/').at(-1)} ${body.weight ?? ''}`.trim());
          return kong.http.request(asked);
        },
      },
      engine: {
        containers: async () => containers,
        exec: async (id: string, argv: readonly string[]) => {
          log.push(`exec ${id}`);
          if (argv[0] === 'cat') return stack.connections(id);
          const count = stack.inFlight(id);
          // The application counts the request that asks for the count.
          return count === null ? { exitCode: 1, output: '' } : { exitCode: 0, output: `${count + 1}.0` };
        },
      },
      clock,
      files: memoryFiles({ '/srv/kong/kong.yaml': declaring(kongYaml) }),
      environment: {},
      packageRoot: '/package',
      workingFolder: '/srv',
      emit: (event: Event) => events.push(event),
      signal: interruption.signal,
    } as unknown as World,
  };
  return stack;
}
