import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { ApictlError, EXIT, messageOf } from '../../core/errors.ts';
import type {
  BuildOptions,
  ContainerDetails,
  ContainerSummary,
  Engine,
  EngineEvent,
  EngineFacts,
  ImageFacts,
  LogLine,
  LogOptions,
  Usage,
} from '../../core/ports/engine.ts';
import type { Secret } from '../../core/secret.ts';
import { EngineConnection } from './connection.ts';
import { BETWEEN_SAMPLES_MS, usageHere } from './control-groups.ts';
import { engineError, refusal, statusOf } from './engine-errors.ts';
import { runExec } from './exec.ts';
import { buildImage, importRootfs, pullImage } from './image-streams.ts';
import { readLog, tailLog } from './logs.ts';
import { containerDetails, containerSummary, engineEvent, PROJECT_LABEL, usageOf } from './translate.ts';
import { volumeSizes } from './volume-sizes.ts';

/** The Engine port over dockerode. */
export function dockerEngine(environment: Readonly<Record<string, string | undefined>>): Engine {
  return new DockerEngine(new EngineConnection(environment));
}

/** What a killed backup has left held still goes on. */
async function startOrResume(container: Docker.Container): Promise<void> {
  try {
    await container.start();
  } catch (thrown) {
    if (statusOf(thrown) !== 409 || !/paused/.test(messageOf(thrown))) throw thrown;
    await container.unpause();
  }
}

class DockerEngine implements Engine {
  readonly #connection: EngineConnection;

  constructor(connection: EngineConnection) {
    this.#connection = connection;
  }

  async facts(): Promise<EngineFacts> {
    const { apiVersion, endpoint } = await this.#connection.connected();
    const info = await this.#connection.answer('describe itself', (docker) => docker.info());
    return {
      version: info.ServerVersion,
      apiVersion,
      operatingSystem: info.OperatingSystem,
      osType: info.OSType,
      architecture: info.Architecture,
      memoryBytes: info.MemTotal,
      cpus: info.NCPU,
      dataFolder: info.DockerRootDir,
      isSwarmManager: info.Swarm?.ControlAvailable === true,
      endpoint: endpoint.url,
    };
  }

  async containers(project: string): Promise<ContainerSummary[]> {
    const filters = JSON.stringify({ label: [`${PROJECT_LABEL}=${project}`] });
    const query = { all: 'true', filters };
    const list = await this.#connection.document('list containers', '/containers/json', query);
    return (list as Docker.ContainerInfo[]).map(containerSummary);
  }

  async inspect(id: string): Promise<ContainerDetails> {
    return containerDetails(
      await this.#connection.answer('inspect a container', (docker) => docker.getContainer(id).inspect()),
    );
  }

  async publisher(hostPort: number) {
    const filters = { publish: [String(hostPort)] };
    const list = await this.#connection.answer('list containers', (docker) =>
      docker.listContainers({ filters }),
    );
    const found = list.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === hostPort));
    if (found === undefined) return null;
    return { name: containerSummary(found).name, project: found.Labels[PROJECT_LABEL] ?? '' };
  }

  async start(id: string): Promise<void> {
    await this.#connection.call(
      'start a container',
      (docker) => startOrResume(docker.getContainer(id)),
      [304],
    );
  }

  async stop(id: string, graceSeconds?: number): Promise<void> {
    const options = graceSeconds === undefined ? {} : { t: graceSeconds };
    await this.#connection.call(
      'stop a container',
      (docker) => docker.getContainer(id).stop(options),
      [304, 404],
    );
  }

  async signal(id: string, name: string): Promise<void> {
    await this.#connection.call('signal a container', (docker) =>
      docker.getContainer(id).kill({ signal: name }),
    );
  }

  async remove(id: string): Promise<void> {
    await this.#connection.call('remove a container', (docker) => docker.getContainer(id).remove(), [404]);
  }

  async exec(id: string, argv: readonly string[], timeoutMs: number, signal?: AbortSignal, input?: Secret) {
    return this.#connection.answer('run a command in a container', (docker) =>
      runExec(docker, id, argv, { timeoutMs, signal, input }),
    );
  }

  async tail(id: string, lines: number): Promise<LogLine[]> {
    const connected = await this.#connection.connected();
    try {
      return await tailLog(connected, id, lines);
    } catch (thrown) {
      throw engineError(thrown, connected.endpoint, 'read a log');
    }
  }

  async *logs(id: string, options: LogOptions): AsyncIterable<readonly LogLine[]> {
    const connected = await this.#connection.connected();
    try {
      yield* readLog(connected, id, options);
    } catch (thrown) {
      if (options.signal?.aborted) return;
      throw engineError(thrown, connected.endpoint, `read the log of ${options.container}`);
    }
  }

  async *events(project: string, signal: AbortSignal): AsyncIterable<EngineEvent> {
    const filters = {
      type: ['container'],
      label: [`${PROJECT_LABEL}=${project}`],
      event: ['start', 'die', 'oom', 'destroy', 'health_status'],
    };
    const { endpoint } = await this.#connection.connected();
    const stream = await this.#connection.answer('send its events', (docker) =>
      docker.getEvents({ filters, abortSignal: signal } as Docker.GetEventsOptions),
    );
    let rest = '';
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        const lines = (rest + chunk.toString('utf8')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const event = line.trim() === '' ? null : engineEvent(line);
          if (event !== null) yield event;
        }
      }
    } catch (thrown) {
      if (signal.aborted) return;
      throw engineError(thrown, endpoint, 'send its events');
    }
    if (!signal.aborted) throw engineError({ code: 'ECONNRESET' }, endpoint, 'send its events');
  }

  async usage({ id, pid }: Pick<ContainerDetails, 'id' | 'pid'>): Promise<Usage | null> {
    const here = await usageHere(id, pid);
    if (here !== null) return here;
    const first = await this.#sample(id);
    if (first === null) return null;
    await delay(BETWEEN_SAMPLES_MS);
    const second = await this.#sample(id);
    return second === null ? null : usageOf({ ...second, precpu_stats: first.cpu_stats });
  }

  /** One sample at once: the engine's own pair of samples is a second apart. */
  async #sample(id: string): Promise<Docker.ContainerStats | null> {
    const options = { stream: false, 'one-shot': true } as const;
    const stats = await this.#connection.call(
      'measure a container',
      (docker) => docker.getContainer(id).stats(options),
      [404, 409],
    );
    return stats ?? null;
  }

  async image(reference: string): Promise<ImageFacts | null> {
    const info = await this.#connection.call(
      'inspect an image',
      (docker) => docker.getImage(reference).inspect(),
      [404],
    );
    if (info === undefined) return null;
    return {
      id: info.Id,
      tags: info.RepoTags ?? [],
      sizeBytes: info.Size,
      createdMs: Date.parse(info.Created),
      labels: info.Config?.Labels ?? {},
    };
  }

  async images(label?: string): Promise<ImageFacts[]> {
    const list = await this.#connection.answer('list images', (docker) =>
      docker.listImages(label === undefined ? {} : { filters: { label: [label] } }),
    );
    return list.map((info) => ({
      id: info.Id,
      tags: info.RepoTags ?? [],
      sizeBytes: info.Size,
      createdMs: info.Created * 1000,
      labels: info.Labels ?? {},
    }));
  }

  async build(context: NodeJS.ReadableStream, options: BuildOptions): Promise<void> {
    await this.#connection.call(`build ${options.reference}`, (docker) =>
      buildImage(docker, context, options),
    );
  }

  async importImage(
    rootfs: NodeJS.ReadableStream,
    reference: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.#connection.call(`import ${reference}`, (docker) =>
      importRootfs(docker, rootfs, reference, labels),
    );
  }

  async pull(reference: string, onProgress: (text: string) => void, signal?: AbortSignal): Promise<void> {
    const { docker } = await this.#connection.connected();
    try {
      await pullImage(await docker(), reference, onProgress, signal);
    } catch (thrown) {
      if (thrown instanceof ApictlError) throw thrown;
      throw new ApictlError({
        code: 'IMAGE_PULL_FAILED',
        exitCode: EXIT.engine,
        message: `${reference} could not be pulled: ${refusal(thrown)}`,
        object: `image ${reference}`,
        cause: thrown,
      });
    }
  }

  async volumes(project: string) {
    const filters = { label: [`${PROJECT_LABEL}=${project}`] };
    const { Volumes } = await this.#connection.answer('list volumes', (docker) =>
      docker.listVolumes({ filters }),
    );
    return (Volumes ?? []).map((volume) => ({
      name: volume.Name,
      labels: volume.Labels ?? {},
      driver: volume.Driver,
      options: volume.Options ?? {},
    }));
  }

  async volumeSizes(): Promise<ReadonlyMap<string, number>> {
    return this.#connection.answer('report its disk usage', volumeSizes);
  }

  async networks(project: string) {
    const filters = { label: [`${PROJECT_LABEL}=${project}`] };
    const list = await this.#connection.answer('list networks', (docker) => docker.listNetworks({ filters }));
    return list.map((network) => ({ id: network.Id, name: network.Name, labels: network.Labels ?? {} }));
  }

  async removeNetwork(id: string): Promise<void> {
    await this.#connection.call('remove a network', (docker) => docker.getNetwork(id).remove(), [404]);
  }

  async removeVolume(name: string): Promise<void> {
    await this.#connection.call(`remove volume ${name}`, (docker) => docker.getVolume(name).remove(), [404]);
  }
}
