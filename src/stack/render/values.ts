import { tlsDoors } from '../../config/tls.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { alertingValues } from './alerting.ts';
import { backendValues } from './backends.ts';
import type { TreeMap } from './compose-tree.ts';
import { inDays } from './days.ts';
import type { RenderInput } from './render-stack.ts';
import { tlsValues } from './tls.ts';

/**
 * The values that fragments and configuration files may name, as `{{ ports.proxy }}`.
 * @param rendered names of the fragments that are rendered, `backend` for all of its instances
 */
export function renderValues(input: RenderInput, rendered: ReadonlySet<string>): TreeMap {
  const { config } = input;
  return {
    project: config.project,
    flavour: input.flavour,
    bind: config.bind,
    host: hostInUrls(config.bind),
    ports: config.ports,
    versions: config.versions,
    images: input.images,
    retention: {
      ...config.retention,
      prometheus: inDays(config.retention.prometheus),
      logging: inDays(config.retention.logging),
      elasticsearch: inDays(config.retention.elasticsearch),
    },
    alerting: alertingValues(config.alerting),
    backends: backendValues(input),
    elasticsearch: {
      heap: config.elasticsearch.heap,
      memory: elasticsearchMemory(config.elasticsearch.heap),
    },
    postgres: postgresValues(input),
    logging: loggingValues(config, rendered),
    grafana: {
      elasticsearchSecret: rendered.has('elasticsearch') ? 'exporter-password' : null,
      elasticsearchAuthority: tlsDoors(config.tls).elasticsearch
        ? '$__file{/etc/apictl/certs/trust/ca.crt}'
        : null,
    },
    tls: tlsValues(config),
    profiles: {
      core: input.profiles.includes('core'),
      monitoring: input.profiles.includes('monitoring'),
      elk: input.profiles.includes('elk'),
    },
    services: Object.fromEntries(
      input.fragments.services.map((fragment) => [fragment.name, rendered.has(fragment.name)]),
    ),
  };
}

/** The logging service ships to Elasticsearch where there is one; without a value its variables fall away. */
function loggingValues({ logging, tls }: RenderInput['config'], rendered: ReadonlySet<string>): TreeMap {
  const ships = rendered.has('elasticsearch');
  const { maskKeys, maskPatterns } = logging;
  return {
    maskKeys: maskKeys.length === 0 ? null : maskKeys.join(','),
    maskPatterns: maskPatterns.length === 0 ? null : JSON.stringify(maskPatterns),
    elasticsearchUrl: ships ? `${tlsDoors(tls).elasticsearch ? 'https' : 'http'}://elasticsearch:9200` : null,
    elasticsearchSecret: ships ? 'logging-writer-password' : null,
    elasticsearchPasswordFile: ships ? '/run/secrets/logging-writer-password' : null,
  };
}

/** The host of the URLs that a browser on this machine uses. */
function hostInUrls(bind: string): string {
  if (bind === '0.0.0.0') return '127.0.0.1';
  if (bind === '::') return '[::1]';
  return bind.includes(':') ? `[${bind}]` : bind;
}

/** Twice the heap for what lies outside of it, and 512 MiB for the process itself. */
function elasticsearchMemory(heap: string): string {
  const mebibytes = Number.parseInt(heap, 10) * (heap.endsWith('g') ? 1024 : 1);
  return `${mebibytes * 2 + 512}m`;
}

/** Facts of the official image that follow from its tag: its major version, its user, where its data lies. */
function postgresValues({ config, flavour }: RenderInput): TreeMap {
  const tag = config.versions.postgres;
  if (flavour === 'embedded') return { major: null, uid: null, gid: null, dataFolder: null };
  const major = Number(/^(\d+)/.exec(tag)?.[1]);
  if (Number.isNaN(major)) throw postgresWithoutMajor(tag);
  const id = tag.includes('alpine') ? 70 : 999;
  // From 18 on the image keeps a folder per major version below this one.
  const dataFolder = major >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data';
  return { major, uid: id, gid: id, dataFolder };
}

const postgresWithoutMajor = (tag: string): ApictlError =>
  new ApictlError({
    code: 'CONFIG_INVALID',
    exitCode: EXIT.usage,
    message: `versions.postgres: the tag "${tag}" does not begin with a major version`,
    object: 'versions.postgres',
    hint: 'Give a tag such as 13.23-alpine3.22: data of one major version cannot be read by another.',
  });
