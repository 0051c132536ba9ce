import * as z from 'zod';
import { alerting } from './alerting.ts';
import { backup } from './backup.ts';
import { FLAVOURS, PROFILES } from './choices.ts';
import { logging } from './logging.ts';
import { ports } from './ports.ts';
import { duration } from './scalars.ts';

/**
 * The shape of `apictl.yaml`. Everything is optional; what is absent has the default given here. From this
 * schema come the editors' JSON Schema, docs/configuration.md and the names of the environment variables.
 */

/** An absent section is a section of defaults. */
const section = <T extends z.ZodType>(schema: T) => schema.prefault({} as z.input<T>);

const size = z
  .string()
  .regex(/^[1-9]\d*(MiB|GiB|TiB)$/, 'must be a whole number with MiB, GiB or TiB, as "2GiB"');

const absolutePath = z.string().regex(/^\/[^\s?#]*$/, 'must be an absolute URL path, as "/healthz/ready"');

const imageReference = z
  .string()
  .regex(/^[a-z0-9][\w.\-/:]*(@sha256:[0-9a-f]{64})?$/i, 'must be an image reference, as "shop/api:1.4"');

const tag = z.string().regex(/^\w[\w.-]{0,127}$/, 'must be an image tag, as "3.8.0"');

const build = z
  .strictObject({
    context: z.string().min(1).describe('Folder of the build context, relative to the project root.'),
    dockerfile: z.string().min(1).default('Dockerfile').describe('Dockerfile, relative to the context.'),
    args: z
      .record(z.string(), z.string())
      .default({})
      .describe('Build arguments. Not for secrets: they stay in the image.'),
  })
  .describe('Build the backend from this context.');

const backends = z
  .strictObject({
    replicas: z.int().min(1).max(20).default(3).describe('Identical instances behind the Kong upstream.'),
    image: imageReference
      .optional()
      .describe('Your own backend image. Default: the packaged Django application.'),
    build: build.optional(),
    port: z
      .int()
      .min(1)
      .max(65535)
      .default(8000)
      .describe('Port the backend listens on, inside its container.'),
    healthPath: absolutePath
      .default('/healthz/ready')
      .describe('Path that answers 200 when an instance can serve.'),
    metricsPath: absolutePath.default('/metrics').describe('Path of the Prometheus metrics.'),
    metrics: z.boolean().default(true).describe('Whether Prometheus scrapes the backends.'),
    command: z.array(z.string()).optional().describe('Command that replaces the one of your image.'),
    healthCommand: z
      .array(z.string())
      .min(1)
      .optional()
      .describe(
        'Health check run in the container of your image. Default: Python’s urllib asks `healthPath`.',
      ),
    environment: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/, 'must be a variable name'), z.string())
      .default({})
      .describe('Further environment of the backends. Not for secrets: `docker inspect` shows it.'),
    user: z
      .string()
      .regex(/^\d+:\d+$/, 'must be uid:gid, as "1000:1000"')
      .default('1000:1000')
      .describe('uid:gid that the backends run as.'),
    readOnly: z.boolean().default(true).describe('Read-only root file system; /tmp is writable.'),
    memory: size.default('256MiB').describe('Memory limit of one instance.'),
    drainSeconds: z
      .int()
      .min(1)
      .max(600)
      .default(15)
      .describe(
        'How long a replica that is to be stopped keeps its requests in hand at most, after it gets no new ones. Your own image, which does not say how many it has, always gets all of it.',
      ),
    drills: z.boolean().default(false).describe('Endpoints that fail or delay on purpose, for exercises.'),
  })
  .describe('The application behind the gateway.');

const door = (what: string) => z.boolean().default(false).describe(what);

const doors = z
  .strictObject({
    manager: door('Kong Manager; its page then asks the Admin API over TLS too.'),
    loggingAdmin: door('The logging service’s search and administration.'),
    prometheus: door('Prometheus.'),
    alertmanager: door('Alertmanager.'),
    grafana: door('Grafana (official flavour).'),
    elasticsearch: door(
      'Elasticsearch (official flavour, profile elk); Kibana, Logstash, the logging service and the exporter then speak TLS with it.',
    ),
    kibana: door('Kibana (official flavour, profile elk).'),
  })
  .describe('Further doors that speak TLS, and only TLS, on their port.');

const tls = z
  .strictObject({
    hosts: z
      .array(z.string().regex(/^(\*\.)?[A-Za-z0-9_.:-]+$/, 'must be a host name or an IP address'))
      .min(1)
      .default(['localhost', '127.0.0.1', '::1'])
      .describe('Host names and addresses in the certificates of the proxy and the Admin API.'),
    validDays: z.int().min(1).max(825).default(397).describe('Days a leaf certificate is valid.'),
    renewBeforeDays: z.int().min(0).max(800).default(30).describe('`up` renews a leaf with fewer days left.'),
    doors: section(doors),
    internal: z
      .boolean()
      .default(false)
      .describe(
        'TLS also inside of the stack: from Kong and the exporter to PostgreSQL, and from the log shippers to Elasticsearch, whose port then speaks TLS only.',
      ),
  })
  .describe('Certificates signed by the local certificate authority.');

const versions = z
  .strictObject({
    kong: tag.default('3.8.0'),
    postgres: tag.default('13.23-alpine3.22'),
    prometheus: tag.default('v3.13.2'),
    alertmanager: tag.default('v0.33.1'),
    grafana: tag.default('12.4.2'),
    elastic: tag.default('8.19.20').describe('Elasticsearch, Logstash and Kibana: always the same version.'),
    python: tag.default('3.12-slim').describe('Base of the packaged backend.'),
    node: tag.default('22-slim').describe('Base of the logging service.'),
    nodeExporter: tag.default('v1.12.1'),
    postgresExporter: tag.default('v0.20.1'),
    elasticsearchExporter: tag.default('v1.11.0'),
    blackboxExporter: tag.default('v0.28.0'),
    cadvisor: tag.default('0.60.5'),
  })
  .describe('Image tags of the official flavour.');

const registry = z
  .strictObject({
    mirror: z
      .string()
      .regex(
        /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?(?:\/[a-z0-9][a-z0-9._-]*)*$/,
        'must be a host, with a port and a path where it has them, as "mirror.example:5000/hub"',
      )
      .optional()
      .describe(
        'Takes the place of the registry in the name of every published image of the stack: `kong:3.8.0` becomes `MIRROR/library/kong:3.8.0`. Not of `backends.image`.',
      ),
  })
  .describe('Where published images come from.');

const retention = z
  .strictObject({
    prometheus: duration.default('15d').describe('How long Prometheus keeps samples.'),
    logging: duration.default('7d').describe('How long the logging service keeps events.'),
    loggingSize: size.default('1GiB').describe('How much the logging service keeps at most.'),
    elasticsearch: duration.default('14d').describe('How long Elasticsearch keeps log data.'),
  })
  .describe('How long data is kept.');

export const configSchema = z
  .strictObject({
    project: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9_-]{0,40}$/,
        'must be lower-case letters, digits, - and _, starting with a letter or digit',
      )
      .default('apictl')
      .describe('Compose project name: prefix of containers, networks and volumes.'),
    profiles: z
      .array(z.enum(PROFILES))
      .min(1)
      .optional()
      .describe('Default: all three where the engine has 8 GiB of memory or more, else core and monitoring.'),
    images: z
      .enum(['auto', ...FLAVOURS])
      .default('auto')
      .describe('auto: published images where they can be had, else images built on this machine (Linux).'),
    bind: z
      .union([z.ipv4(), z.ipv6()])
      .default('127.0.0.1')
      .describe(
        'Host address of every published port. Any but a loopback address lets other machines reach the Admin API, which asks for no password.',
      ),
    ports: section(ports),
    backends: section(backends),
    tls: section(tls),
    versions: section(versions),
    registry: section(registry),
    elasticsearch: section(
      z
        .strictObject({
          heap: z
            .string()
            .regex(/^[1-9]\d*[mg]$/, 'must be a whole number with m or g, as "512m"')
            .default('512m')
            .describe('Java heap of Elasticsearch.'),
        })
        .describe('Elasticsearch.'),
    ),
    retention: section(retention),
    alerting: section(alerting),
    logging: section(logging),
    backup: section(backup),
  })
  .describe('Configuration of apictl.');

/** What may stand in `apictl.yaml`: everything optional. */
export type ConfigInput = z.input<typeof configSchema>;
export type Config = z.output<typeof configSchema>;
export type PortName = keyof Config['ports'];
export type DoorName = keyof Config['tls']['doors'];
