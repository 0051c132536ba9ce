import { posix } from 'node:path';
import type { Config } from '../../config/schema.ts';
import type { TreeMap } from './compose-tree.ts';
import type { RenderInput, Target } from './render-stack.ts';

/** What the configuration says of the application behind the gateway, as values for its fragment. */
export function backendValues({ config, images, target }: RenderInput): TreeMap {
  const { backends } = config;
  const names = backendNames(config);
  const isSwarm = target === 'swarm';
  const image = backends.image ?? images.backend ?? null;
  return {
    names,
    replicas: names.length,
    targets: backendTargets(config, target),
    // Prometheus asks one address of a name, so on Swarm it looks all of them up itself.
    scraped: isSwarm ? null : [{ targets: backendTargets(config, target) }],
    scrapedTasks: isSwarm ? [{ names: ['backend'], type: 'A', port: backends.port }] : null,
    image,
    why: whyOf(config),
    version: image === null ? null : versionOf(image),
    // An image of the user's own may have to be pulled; one built here exists nowhere else.
    pullPolicy: backends.image === undefined ? 'never' : 'missing',
    build: backends.build === undefined ? null : buildOf(backends.build),
    port: backends.port,
    metrics: backends.metrics,
    metricsPath: backends.metricsPath,
    healthTest: healthTest(config),
    command: backends.command ?? null,
    environment: backends.environment,
    user: backends.user,
    readOnly: backends.readOnly,
    memory: backends.memory,
    drills: backends.drills ? 'on' : 'off',
  };
}

/** `backend-1` to `backend-N`: services of Compose, hosts of the network, targets of the gateway. */
export const backendNames = ({ backends }: Config): readonly string[] =>
  Array.from({ length: backends.replicas }, (_, index) => `backend-${index + 1}`);

/** The targets of the gateway. On Swarm one name leads to the addresses of all replicas, whatever their number is at the moment. */
export const backendTargets = (config: Config, target: Target = 'compose'): readonly string[] =>
  (target === 'swarm' ? ['backend'] : backendNames(config)).map((name) => `${name}:${config.backends.port}`);

/** Whether a service is one of them, of any number. */
export const isBackend = (service: string): boolean => /^backend-\d+$/.test(service);

// The URL is an argument of its own, so that no path can become Python; a proxy of the environment is not asked.
const ASK_URL =
  'import sys, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(sys.argv[1], timeout=3)';

function healthTest({ backends }: Config): readonly string[] {
  if (backends.healthCommand !== undefined) return ['CMD', ...backends.healthCommand];
  return [
    'CMD',
    'python3',
    '-c',
    ASK_URL,
    `http://127.0.0.1:${backends.port}${encodeURI(backends.healthPath)}`,
  ];
}

function whyOf({ backends }: Config): string {
  if (backends.image !== undefined) return `your image ${backends.image}`;
  if (backends.build !== undefined) return `built from your folder ${backends.build.context}`;
  return 'the packaged Django application';
}

function buildOf(build: NonNullable<Config['backends']['build']>): TreeMap {
  const context = posix.isAbsolute(build.context) ? build.context : posix.join('..', build.context);
  return { context, dockerfile: build.dockerfile, args: build.args };
}

/** The tag of an image reference: what `BACKEND_VERSION` tells clients. */
const versionOf = (reference: string): string =>
  /:([\w][\w.-]*)$/.exec(reference.replace(/@sha256:.*$/, ''))?.[1] ?? 'latest';
