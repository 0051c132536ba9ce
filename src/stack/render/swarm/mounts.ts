import { posix } from 'node:path';
import { isMap, type Tree, type TreeMap } from '../compose-tree.ts';
import { sourceOf } from '../top-level.ts';

/** A file of the project that a service sees: what stands beside apictl.yaml is not on the other nodes, so Swarm brings it there. */
export interface MountedFile {
  /** `secret` where nobody else may read it: a private key. */
  readonly kind: 'secret' | 'config';
  /** In the stack file; the same file gives the same key in every service. */
  readonly key: string;
  /** Relative to .apictl, as `config/prometheus/prometheus.yml`. */
  readonly path: string;
  /** Where the container finds it. */
  readonly target: string;
}

export interface SortedMounts {
  /** Long form, of volumes, memory and folders of the machine. */
  readonly volumes: readonly TreeMap[];
  readonly files: readonly MountedFile[];
}

/**
 * The mounts of a service as Swarm takes them. A folder of the project becomes its files, one by one.
 * @param paths of all files that may be mounted, relative to .apictl
 */
export function sortMounts(mounts: readonly Tree[], paths: readonly string[]): SortedMounts {
  const ofProject = mounts.filter((mount) => sourceOf(mount).startsWith('.'));
  return {
    volumes: mounts.filter((mount) => !ofProject.includes(mount)).map(longForm),
    files: ofProject.flatMap((mount) => filesOf(mount, paths)),
  };
}

function filesOf(mount: Tree, paths: readonly string[]): MountedFile[] {
  const source = posix.normalize(sourceOf(mount));
  const target = isMap(mount) ? String(mount.target) : '';
  return paths
    .filter(
      (path) => path === source || (path.startsWith(`${source}/`) && !isHidden(path.slice(source.length))),
    )
    .sort()
    .map((path) => ({
      kind: path.endsWith('.key') ? 'secret' : 'config',
      key: keyOf(path),
      path,
      target: path === source ? target : posix.join(target, posix.relative(source, path)),
    }));
}

/** What a pair of certificate and key is swapped with lies beside it, as `/.pair/tls.key`. */
const isHidden = (below: string): boolean => below.includes('/.');

/** `config/prometheus/rules/gateway.yml` -> `prometheus-rules-gateway.yml`, `../secrets/certs/proxy/tls.key` -> `certs-proxy-tls.key`. */
const keyOf = (path: string): string =>
  path
    .replace(/^config\//, '')
    .replace(/^(\.\.\/)+secrets\//, '')
    .replaceAll(/[^\w.-]+/g, '-');

/** `kong-logs:/var/log/kong:ro` in full. */
function longForm(mount: Tree): TreeMap {
  if (isMap(mount)) return mount;
  const [source = '', target = '', mode = ''] = String(mount).split(':');
  return {
    type: source.startsWith('/') ? 'bind' : 'volume',
    source,
    target,
    ...(mode.split(',').includes('ro') ? { read_only: true } : {}),
  };
}

/** Memory at a path. The short form would fall away silently; who owns it cannot be said on Swarm, and everybody may write. */
export function memoryAt(text: Tree): TreeMap {
  const [target = '', options = ''] = String(text).split(':');
  return memoryOf(target, /(?:^|,)size=(\w+)/.exec(options)?.[1]);
}

export const memoryOf = (target: string, size: string | undefined): TreeMap => ({
  type: 'tmpfs',
  target,
  ...(size === undefined ? {} : { tmpfs: { size: bytesOf(size) } }),
});

const UNITS = ['', 'k', 'm', 'g'];

/** `128m` as a number of bytes, which is all that a stack file takes here. */
function bytesOf(size: string): number {
  const [, digits = '', unit = ''] = /^(\d+)([kmg]?)b?$/i.exec(size) ?? [];
  return Number(digits) * 1024 ** UNITS.indexOf(unit.toLowerCase());
}
