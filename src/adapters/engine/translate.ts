import type Docker from 'dockerode';
import type {
  ContainerDetails,
  ContainerState,
  ContainerSummary,
  EngineEvent,
  Health,
  Usage,
} from '../../core/ports/engine.ts';

/** The engine's JSON in our nouns. Pure. */

export const PROJECT_LABEL = 'com.docker.compose.project';
export const SERVICE_LABEL = 'com.docker.compose.service';

export function containerSummary(info: Docker.ContainerInfo): ContainerSummary {
  return {
    id: info.Id,
    name: (info.Names[0] ?? '').replace(/^\//, ''),
    service: info.Labels[SERVICE_LABEL] ?? '',
    image: info.Image,
    imageId: info.ImageID,
    state: info.State as ContainerState,
    health: healthFromStatus(info.Status),
    labels: info.Labels,
    createdMs: info.Created * 1000,
    statusText: info.Status,
    ports: info.Ports.filter((port) => port.PublicPort !== undefined).map((port) => ({
      hostAddress: port.IP ?? '',
      hostPort: port.PublicPort,
      containerPort: port.PrivatePort,
      protocol: port.Type,
    })),
    networks: Object.fromEntries(
      Object.entries(info.NetworkSettings?.Networks ?? {}).map(([name, network]) => [
        name,
        { networkId: network.NetworkID, address: network.IPAddress },
      ]),
    ),
  };
}

/** The listing has no health field; its status text ends with it: `Up 3 minutes (healthy)`. */
export function healthFromStatus(status: string): Health {
  if (status.includes('(healthy)')) return 'healthy';
  if (status.includes('(unhealthy)')) return 'unhealthy';
  return status.includes('(health: starting)') ? 'starting' : 'none';
}

interface InspectedHealth {
  readonly Status?: string;
  readonly Log?:
    | readonly { readonly ExitCode: number; readonly Output: string; readonly End: string }[]
    | null;
}

export function containerDetails(info: Docker.ContainerInspectInfo): ContainerDetails {
  const health = info.State.Health as InspectedHealth | undefined;
  const check = info.Config.Healthcheck;
  const test = check?.Test ?? [];
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    service: info.Config.Labels[SERVICE_LABEL] ?? '',
    image: info.Config.Image,
    imageId: info.Image,
    state: info.State.Status as ContainerState,
    pid: info.State.Pid,
    exitCode: info.State.ExitCode,
    oomKilled: info.State.OOMKilled,
    error: info.State.Error,
    restarts: info.RestartCount,
    startedMs: timeOf(info.State.StartedAt),
    finishedMs: timeOf(info.State.FinishedAt),
    health: healthOf(health?.Status),
    healthLog: (health?.Log ?? []).map((run) => ({
      exitCode: run.ExitCode,
      output: run.Output,
      endMs: timeOf(run.End) ?? 0,
    })),
    healthTest: test[0] === 'NONE' ? [] : [...test],
    healthIntervalMs: millisecondsOf(check?.Interval) || ENGINE_CHECK_INTERVAL_MS,
    healthTimeoutMs: millisecondsOf(check?.Timeout) || ENGINE_CHECK_TIMEOUT_MS,
    // Of use only inside the start period; behind it the engine falls back to its plain interval.
    engineChecksBoot: isOften(millisecondsOf(check?.StartInterval)),
    healthStartPeriodMs: millisecondsOf(check?.StartPeriod),
    restartPolicy: info.HostConfig.RestartPolicy?.Name || 'no',
    aliases: Object.fromEntries(
      Object.entries(info.NetworkSettings.Networks).map(([name, { Aliases }]) => [name, Aliases ?? []]),
    ),
    memoryLimitBytes: info.HostConfig.Memory ?? 0,
    containerPorts: tcpPorts({ ...info.Config.ExposedPorts, ...info.HostConfig.PortBindings }),
    mounts: (info.Mounts ?? []).map((mount) => ({
      type: mount.Type ?? 'bind',
      source: mount.Name ?? mount.Source,
      destination: mount.Destination,
      readOnly: !mount.RW,
    })),
  };
}

/** Numbers out of keys such as `8000/tcp`, ascending. */
const tcpPorts = (byKey: Readonly<Record<string, unknown>>): number[] =>
  Object.keys(byKey)
    .flatMap((key) => /^(\d+)\/tcp$/.exec(key)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
/** What the engine gives a run of a check that does not say it itself. */
const ENGINE_CHECK_TIMEOUT_MS = 30_000;
const ENGINE_CHECK_INTERVAL_MS = 30_000;

/** Slower than this, and a check of our own is the first to see that a service is ready. */
const OFTEN_MS = 500;
const isOften = (everyMs: number): boolean => everyMs > 0 && everyMs <= OFTEN_MS;

/** The engine writes durations in nanoseconds. */
const millisecondsOf = (nanoseconds: number | undefined): number => Math.round((nanoseconds ?? 0) / 1e6);

const healthOf = (status: string | undefined): Health =>
  status === 'healthy' || status === 'unhealthy' || status === 'starting' ? status : 'none';

/** The engine writes year 1 for "never". */
function timeOf(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms <= 0 ? null : ms;
}

interface RawEvent {
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
}

/** Null for what we do not follow, such as the three events of each exec. */
export function engineEvent(line: string): EngineEvent | null {
  const raw = JSON.parse(line) as RawEvent;
  const [action, detail] = (raw.Action ?? '').split(': ');
  const attributes = raw.Actor?.Attributes;
  const base = {
    containerId: raw.Actor?.ID ?? '',
    service: attributes?.[SERVICE_LABEL] ?? '',
    ...(attributes?.name === undefined ? {} : { container: attributes.name }),
  };
  switch (action) {
    case 'health_status':
      return { ...base, action, health: healthOf(detail) };
    case 'die':
      return { ...base, action, exitCode: Number(attributes?.exitCode ?? -1) };
    case 'start':
    case 'oom':
    case 'destroy':
      return { ...base, action };
    default:
      return null;
  }
}

interface RawStats {
  readonly memory_stats: {
    readonly usage?: number;
    readonly stats?: { readonly inactive_file?: number; readonly total_inactive_file?: number };
  };
  readonly cpu_stats: CpuStats;
  readonly precpu_stats: CpuStats;
}

interface CpuStats {
  readonly cpu_usage: { readonly total_usage: number };
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
}

/** As `docker stats` counts: memory without the page cache that could be dropped, CPU of one core as 100 %. */
export function usageOf(stats: RawStats): Usage | null {
  const used = stats.memory_stats.usage;
  if (used === undefined) return null;
  const cache = stats.memory_stats.stats?.inactive_file ?? stats.memory_stats.stats?.total_inactive_file ?? 0;
  const cpu = stats.cpu_stats.cpu_usage.total_usage - stats.precpu_stats.cpu_usage.total_usage;
  const system = (stats.cpu_stats.system_cpu_usage ?? 0) - (stats.precpu_stats.system_cpu_usage ?? 0);
  const percent = system > 0 && cpu > 0 ? (cpu / system) * (stats.cpu_stats.online_cpus ?? 1) * 100 : 0;
  return { memoryBytes: Math.max(0, used - cache), cpuPercent: Math.round(percent * 10) / 10 };
}
