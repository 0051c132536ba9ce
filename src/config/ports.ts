import * as z from 'zod';

const HIGHEST = 65_535;

const port = (containerPort: number, what: string) =>
  z.int().min(1).max(HIGHEST).default(containerPort).describe(what);

const numbers = {
  proxy: port(8000, 'Kong proxy, HTTP.'),
  proxyTls: port(8443, 'Kong proxy, HTTPS.'),
  admin: port(8001, 'Kong Admin API, HTTP.'),
  adminTls: port(8444, 'Kong Admin API, HTTPS.'),
  manager: port(8002, 'Kong Manager; in the embedded flavour the gateway’s own read-only page.'),
  logging: port(8081, 'Logging service: ingest, health, metrics.'),
  loggingAdmin: port(8003, 'Logging service: search and administration, behind its token.'),
  prometheus: port(9090, 'Prometheus.'),
  alertmanager: port(9093, 'Alertmanager.'),
  grafana: port(3000, 'Grafana (official flavour).'),
  elasticsearch: port(9200, 'Elasticsearch (official flavour, profile elk).'),
  kibana: port(5601, 'Kibana (official flavour, profile elk).'),
};

/** Host ports by name, with `ports.shift` added: what reads them knows nothing of a shift. */
export type Ports = Readonly<Record<keyof typeof numbers, number>>;

export const PORT_NAMES = Object.keys(numbers) as readonly (keyof Ports)[];

const entriesOf = (given: Ports) => PORT_NAMES.map((name) => [name, given[name]] as const);

export const ports = z
  .strictObject({
    ...numbers,
    shift: z
      .int()
      .min(0)
      .max(HIGHEST - 1)
      .default(0)
      .describe('Added to every port above, so that one number moves a second stack out of the way.'),
  })
  .describe('Ports on the host.')
  .superRefine(({ shift, ...given }, context) => {
    // What is no port even without the shift is told of itself.
    const fit = entriesOf(given).filter(([, number]) => number <= HIGHEST);
    const pushed = fit.filter(([, number]) => number + shift > HIGHEST);
    const [first, ...others] = pushed;
    if (first === undefined) return;
    if (others.length === 0) {
      const message = `must be at most ${HIGHEST} with ports.shift (${shift}) added`;
      context.addIssue({ code: 'custom', path: [first[0]], message });
      return;
    }
    // One mistake, however many ports it pushes out.
    const most = HIGHEST - Math.max(...fit.map(([, number]) => number));
    const message = `pushes ${pushed.length} ports past ${HIGHEST}; with these ports it must be at most ${most}`;
    context.addIssue({ code: 'custom', path: ['shift'], message });
  })
  .transform(
    ({ shift, ...given }): Ports =>
      Object.fromEntries(entriesOf(given).map(([name, number]) => [name, number + shift])) as Ports,
  );
