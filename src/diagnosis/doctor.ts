import type { Profile } from '../config/choices.ts';
import type { EngineFacts } from '../core/ports/engine.ts';
import type { DiskFacts } from '../core/ports/files.ts';

/** One thing that was looked at. `found` and `fix` are sentences. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** Empty where there is nothing to do. */
  readonly fix: string;
}

const GIB = 1024 ** 3;
const OLDEST_API = [1, 41] as const;
/** What the services of a profile need together, measured with the limits of the fragments. */
const MEMORY_BYTES: Readonly<Record<Profile, number>> = {
  core: 1.2 * GIB,
  monitoring: 1 * GIB,
  elk: 4 * GIB,
};
/** What should be free: for images, volumes and logs of a first day; for rendered files, secrets and certificates. */
export const COMFORTABLE_BYTES = { engine: 5 * GIB, project: 100 * 1024 ** 2 } as const;
const MAP_COUNT = 262_144;

const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;
const size = (bytes: number): string => (bytes >= GIB ? gib(bytes) : `${Math.round(bytes / 1024 ** 2)} MiB`);

export function checkEngine(facts: EngineFacts): Check {
  const [major = 0, minor = 0] = facts.apiVersion.split('.').map(Number);
  const isOld = major < OLDEST_API[0] || (major === OLDEST_API[0] && minor < OLDEST_API[1]);
  const found = `Docker Engine ${facts.version} (API ${facts.apiVersion}) on ${facts.operatingSystem} at ${facts.endpoint}`;
  if (facts.osType !== 'linux') {
    return {
      name: 'engine',
      ok: false,
      found: `${found} runs ${facts.osType} containers`,
      fix: 'Switch it to Linux containers.',
    };
  }
  return isOld
    ? { name: 'engine', ok: false, found, fix: 'Update Docker: API 1.41 (Engine 20.10) or newer is needed.' }
    : { name: 'engine', ok: true, found, fix: '' };
}

export function checkMemory(facts: EngineFacts, profiles: readonly Profile[]): Check {
  const needed = profiles.reduce((sum, profile) => sum + MEMORY_BYTES[profile], 0);
  const ok = facts.memoryBytes >= needed;
  return {
    name: 'memory',
    ok,
    found: `the engine has ${gib(facts.memoryBytes)}; ${profiles.join(', ')} need about ${gib(needed)}`,
    fix: ok ? '' : 'Give the engine more memory, or choose fewer profiles with --profile.',
  };
}

/** What a place on a disk is for, and how much should be free there. */
export interface DiskNeed {
  /** `engine` or `project`. */
  readonly name: string;
  readonly path: string;
  readonly wantedBytes: number;
}

export function checkDisk({ name, path, wantedBytes }: DiskNeed, disk: DiskFacts | null): Check {
  if (disk === null)
    return {
      name: `disk ${name}`,
      ok: true,
      found: `${path} is not on this machine, so its space is unknown`,
      fix: '',
    };
  const ok = disk.freeBytes >= wantedBytes;
  const space = `${size(disk.freeBytes)} of ${size(disk.totalBytes)} are free on ${disk.mountPoint}, where ${path} lies`;
  return {
    name: `disk ${name}`,
    ok,
    found: ok ? space : `${space}; ${size(wantedBytes)} are wanted`,
    fix: ok
      ? ''
      : `Free some space on ${disk.mountPoint}${name === 'engine' ? ' ("docker system df" says what the engine holds)' : ''}.`,
  };
}

/** Only where Elasticsearch is to run: the kernel setting that it refuses to start without. */
export function checkMapCount(text: string | null): Check {
  const value = text === null ? Number.NaN : Number(text.trim());
  if (Number.isNaN(value)) {
    return {
      name: 'vm.max_map_count',
      ok: true,
      found: 'not readable here: the engine is on another machine',
      fix: '',
    };
  }
  const ok = value >= MAP_COUNT;
  return {
    name: 'vm.max_map_count',
    ok,
    found: `${value}; Elasticsearch wants ${MAP_COUNT}`,
    fix: ok ? '' : `Run "sudo sysctl -w vm.max_map_count=${MAP_COUNT}".`,
  };
}
