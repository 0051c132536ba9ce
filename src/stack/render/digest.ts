import { createHmac } from 'node:crypto';
import { posix } from 'node:path';
import type { Secret } from '../../core/secret.ts';
import { composeFile } from './compose-file.ts';
import type { ComposeService, ComposeTree, Tree } from './compose-tree.ts';
import { isMap, listAt } from './compose-tree.ts';
import { DIGEST_LABEL, LIVE_SECRETS_LABEL, READ_ONCE_LABEL, RELOAD_LABEL } from './labels.ts';
import { overrideOf } from './override.ts';
import type { RenderedStack } from './render-stack.ts';
import { sourceOf } from './top-level.ts';

/** Everything that a container depends on and that is not in the rendered service itself. */
export interface DigestContents {
  /** Local key of the HMAC, at least 16 bytes: labels are public, what goes into them is not. */
  readonly key: Secret;
  /**
   * Bytes of every file that is mounted: path relative to .apictl -> content, as
   * `config/prometheus/prometheus.yml` and `../secrets/certs/proxy/tls.crt`.
   */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly secrets: Readonly<Record<string, Secret>>;
  /** The text of the user's compose.override.yaml, or null. */
  readonly override: string | null;
  /** The environment that the override may interpolate (process environment and .env). */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Adds the digest label to every service. Pure; the same contents give the same labels, and a change of one file, secret or
 * override section changes the label of those services only that use it.
 */
export function stampDigests(compose: ComposeTree, contents: DigestContents): ComposeTree {
  return {
    ...compose,
    services: Object.fromEntries(
      Object.entries(compose.services).map(([name, service]) => [
        name,
        { ...service, labels: { ...service.labels, [DIGEST_LABEL]: digestOf(name, service, contents) } },
      ]),
    ),
  };
}

/** The stack with stamped services and with the text of compose.yaml that says so; its own files need not be in `contents`. */
export function stampStack(stack: RenderedStack, contents: DigestContents): RenderedStack {
  const rendered = Object.fromEntries(stack.files.map(({ path, content }) => [path, content]));
  const compose = stampDigests(stack.compose, { ...contents, files: { ...contents.files, ...rendered } });
  const file = composeFile(compose);
  return { ...stack, compose, files: stack.files.map((old) => (old.path === file.path ? file : old)) };
}

/** Host paths (relative to .apictl) of files and folders that services mount and that are not rendered, as `../secrets/certs/proxy`. */
export function outsideMounts(compose: ComposeTree): readonly string[] {
  const sources = Object.values(compose.services).flatMap(mountedPaths);
  return [...new Set(sources)].filter((path) => path.startsWith('../')).sort();
}

/** Relative host paths that a service bind-mounts; absolute ones are the machine's own and not ours to compare. */
const mountedPaths = (service: ComposeService): string[] =>
  listAt(service, 'volumes')
    .map(sourceOf)
    .filter((source) => source.startsWith('.'))
    .map((source) => posix.normalize(source));

/** A renewed certificate is no reason to stop a service that reads it while it runs. */
const isReloaded = (path: string, { labels }: ComposeService): boolean =>
  path.startsWith(CERTIFICATES) &&
  labels[RELOAD_LABEL] !== undefined &&
  !String(labels[READ_ONCE_LABEL] ?? '')
    .split(',')
    .includes(path.slice(CERTIFICATES.length));

const CERTIFICATES = '../secrets/certs/';

function digestOf(name: string, service: ComposeService, contents: DigestContents): string {
  const { [DIGEST_LABEL]: _old, ...labels } = service.labels;
  const mounts = mountedPaths(service).filter((path) => !isReloaded(path, service));
  const files = Object.keys(contents.files)
    .filter((path) => mounts.some((mount) => path === mount || path.startsWith(`${mount}/`)))
    .sort();
  const live = String(labels[LIVE_SECRETS_LABEL] ?? '').split(',');
  const secrets = listAt(service, 'secrets')
    .map(String)
    .filter((secret) => !live.includes(secret))
    .sort();
  const hmac = createHmac('sha256', contents.key.reveal());
  // Every part has its length in front, so that no two lists of parts give the same bytes.
  const add = (part: string | Uint8Array): void => {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
    hmac.update(`${bytes.length}:`).update(bytes);
  };
  add(canonicalText({ ...service, labels }));
  add(overrideOf(name, contents.override, contents.environment));
  for (const path of files) {
    add(path);
    add(contents.files[path] ?? '');
  }
  for (const secret of secrets) {
    add(secret);
    add(contents.secrets[secret]?.reveal() ?? '');
  }
  return hmac.digest('hex').slice(0, 32);
}

/** JSON with sorted keys: the order in which a fragment is written is no change. */
export const canonicalText = (tree: Tree): string =>
  JSON.stringify(tree, (_key, value: Tree) =>
    isMap(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
