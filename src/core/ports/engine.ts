import type { Secret } from '../secret.ts';

/** The calls of the Docker Engine API that we make, in our own nouns. Compose writes; this port starts, runs and reads. */

export interface EngineFacts {
  /** `20.10.24`. */
  readonly version: string;
  /** The API version that we speak, as `1.41`. */
  readonly apiVersion: string;
  readonly operatingSystem: string;
  /** `linux` or `windows`: what containers run on. */
  readonly osType: string;
  readonly architecture: string;
  /** What the engine's machine has, which on a desktop is a virtual machine's share. */
  readonly memoryBytes: number;
  readonly cpus: number;
  /** The engine's data folder, as `/var/lib/docker`; not reachable from here where the engine is elsewhere. */
  readonly dataFolder: string;
  /** Whether it can be told what a Swarm is to run; absent where nobody asked. */
  readonly isSwarmManager?: boolean;
  /** The endpoint, as `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
}

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

export type Health = 'healthy' | 'unhealthy' | 'starting' | 'none';

/** A container as the engine's listing gives it: one request for all of them. */
export interface ContainerSummary {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  /** Compose's service name, from its label. */
  readonly service: string;
  readonly image: string;
  readonly imageId: string;
  readonly state: ContainerState;
  readonly health: Health;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdMs: number;
  /** The engine's own words, as `Up 3 minutes (healthy)`. */
  readonly statusText: string;
  readonly ports: readonly PublishedPort[];
  /** Network name -> what the container has there. */
  readonly networks: Readonly<Record<string, { readonly networkId: string; readonly address: string }>>;
}

export interface PublishedPort {
  readonly hostAddress: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: string;
}

/** One run of a health check, by the engine or by us. */
export interface CheckRun {
  readonly exitCode: number;
  /** The engine keeps the first 4096 bytes of it. */
  readonly output: string;
  readonly endMs: number;
}

/** One container in full. */
export interface ContainerDetails {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly image: string;
  readonly imageId: string;
  readonly state: ContainerState;
  /** Of its first process, as the engine's machine counts them; 0 where it does not run. */
  readonly pid: number;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** What the engine says of a start that failed, else empty. */
  readonly error: string;
  readonly restarts: number;
  /** Null before the first start. */
  readonly startedMs: number | null;
  readonly finishedMs: number | null;
  readonly health: Health;
  /** The last runs of the health check, oldest first. */
  readonly healthLog: readonly CheckRun[];
  /** `["CMD", ...]` or `["CMD-SHELL", "..."]`; empty where there is none. */
  readonly healthTest: readonly string[];
  /** From the end of one run of the check to the next. */
  readonly healthIntervalMs: number;
  /** How long one run of the check may take. */
  readonly healthTimeoutMs: number;
  /** Whether the engine itself runs the check at least twice a second during the start period (`start_interval`, Engine 25 on). */
  readonly engineChecksBoot: boolean;
  readonly healthStartPeriodMs: number;
  /** `no`, `always`, `unless-stopped`, `on-failure`: whether the engine starts it again when it ends. */
  readonly restartPolicy: string;
  /** Network name -> the names under which others find the container there. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  readonly memoryLimitBytes: number;
  /** TCP ports on which the image or the definition says that the service listens, in the container. */
  readonly containerPorts: readonly number[];
  readonly mounts: readonly Mount[];
}

/** What lies at a path of a container. */
export interface Mount {
  /** `bind`: a path of the host; `volume`: a volume by name; `tmpfs`: memory. */
  readonly type: string;
  readonly source: string;
  readonly destination: string;
  readonly readOnly: boolean;
}

export interface EngineEvent {
  readonly containerId: string;
  readonly service: string;
  /** The container's name, where the event says it. */
  readonly container?: string;
  readonly action: 'start' | 'die' | 'oom' | 'destroy' | 'health_status';
  readonly health?: Health;
  readonly exitCode?: number;
}

export interface LogLine {
  readonly service: string;
  readonly container: string;
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339 in UTC with nine digits after the point, as the engine gives it, so that it sorts as text; empty where it gave none. */
  readonly timestamp: string;
  /** Without its line end. As the container wrote it, control characters included. */
  readonly text: string;
  /** The same as the engine sent it, where it came so. */
  readonly sent?: SentBytes;
}

/** Where a line lies among bytes that came with it: its timestamp, a space, and its text in UTF-8, without line end. */
export interface SentBytes {
  /** Shared by many lines, so that one that is kept keeps all of them in memory. */
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly textFrom: number;
  readonly to: number;
}

export interface ImageFacts {
  readonly id: string;
  readonly tags: readonly string[];
  readonly sizeBytes: number;
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface VolumeFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface Usage {
  readonly memoryBytes: number;
  readonly cpuPercent: number;
}

/**
 * Every call is bounded by `signal` where it takes one, and throws `ApictlError` with exit code 5: `ENGINE_UNREACHABLE`,
 * `ENGINE_FORBIDDEN` (no permission on the socket) or `ENGINE_REFUSED` (the engine's own message).
 */
export interface Engine {
  facts(): Promise<EngineFacts>;
  /** All containers of the Compose project, also those that do not run. */
  containers(project: string): Promise<ContainerSummary[]>;
  inspect(id: string): Promise<ContainerDetails>;
  /** The running container, of whatever project, that publishes a port of the host. */
  publisher(hostPort: number): Promise<{ readonly name: string; readonly project: string } | null>;
  /** Starting what runs is fine; what is paused goes on. */
  start(id: string): Promise<void>;
  /** Sends the image's stop signal and kills after `graceSeconds`. Stopping what is stopped is fine. */
  stop(id: string, graceSeconds?: number): Promise<void>;
  /** Sends a signal to a container's first process, as `SIGHUP`. Throws where it does not run. */
  signal(id: string, name: string): Promise<void>;
  /** Removes a container that does not run; one that is gone is fine. */
  remove(id: string): Promise<void>;
  /**
   * Runs a command in a running container and waits for its end. Output of both streams, the first 64 KiB.
   * `input` is its standard input, which ends behind it: what no process list may show goes there, never into `argv`.
   */
  exec(
    id: string,
    argv: readonly string[],
    timeoutMs: number,
    signal?: AbortSignal,
    input?: Secret,
  ): Promise<{ exitCode: number; output: string }>;
  /** The last lines of a container's log, oldest first. */
  tail(id: string, lines: number): Promise<LogLine[]>;
  /**
   * A container's log, in pieces as the engine sends them, oldest line first and each piece with at least one line; with
   * `follow` until the container ends or the signal aborts. Throws when the connection breaks. The lines of a piece can be read
   * until the next piece is asked for: who keeps one takes `keptLine` of it.
   */
  logs(id: string, options: LogOptions): AsyncIterable<readonly LogLine[]>;
  /** Events of the project's containers from now on, until the signal aborts; throws when the connection breaks. */
  events(project: string, signal: AbortSignal): AsyncIterable<EngineEvent>;
  /** What a running container uses at the moment; null where it has just ended. */
  usage(container: Pick<ContainerDetails, 'id' | 'pid'>): Promise<Usage | null>;
  /** Null where the engine has no such image. */
  image(reference: string): Promise<ImageFacts | null>;
  /** All images, or those that carry a label. */
  images(label?: string): Promise<ImageFacts[]>;
  /** Builds from a tar stream; `onOutput` gets the builder's lines. Throws IMAGE_BUILD_FAILED with the last lines. */
  build(context: NodeJS.ReadableStream, options: BuildOptions): Promise<void>;
  /** Makes an image of one layer out of a tar stream of a root file system. */
  importImage(
    rootfs: NodeJS.ReadableStream,
    reference: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Throws IMAGE_PULL_FAILED with the registry's own words. */
  pull(reference: string, onProgress: (text: string) => void, signal?: AbortSignal): Promise<void>;
  /** Volumes of the Compose project. */
  volumes(project: string): Promise<VolumeFacts[]>;
  /** Bytes of every volume by name. The engine walks all of them for it: seconds, so only where it is asked for. */
  volumeSizes(): Promise<ReadonlyMap<string, number>>;
  networks(
    project: string,
  ): Promise<{ id: string; name: string; labels: Readonly<Record<string, string>> }[]>;
  /** What is gone already is fine. Fails while a container uses it. */
  removeNetwork(id: string): Promise<void>;
  removeVolume(name: string): Promise<void>;
}

export interface LogOptions {
  readonly service: string;
  readonly container: string;
  /** From this moment on, itself included: RFC 3339 in UTC, up to nanoseconds, as a line's own timestamp. */
  readonly since?: string;
  /** Up to this moment, itself included. */
  readonly until?: string;
  /** The last lines of the whole log; the engine counts before it looks at `since` and `until`. */
  readonly tail?: number;
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

export interface BuildOptions {
  readonly reference: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly dockerfile: string;
  /** `host` where what the build needs answers on the loopback of the engine's machine only. */
  readonly network?: 'host';
  readonly onOutput: (line: string) => void;
  readonly signal?: AbortSignal;
}
