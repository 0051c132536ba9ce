import type { Readable } from 'node:stream';

/** Data that goes into containers and comes out of them; apart from the Engine port because only backups need it. */
export interface EngineData {
  /** Runs a command in a running container, with `input` as its standard input, as soon as its output is read. */
  run(id: string, argv: readonly string[], options?: ContainerCommandOptions): ContainerCommand;
  /** A folder of a container as a tar stream, its own name before every path. The container need not run. */
  readFolder(id: string, path: string): Promise<Readable>;
  /** Unpacks a tar stream into a folder of a container, owners and modes as the stream has them. */
  writeFolder(id: string, path: string, tar: Readable): Promise<void>;
  /** Holds all processes of a container still; holding what is held is fine. */
  pause(id: string): Promise<void>;
  /** Lets go on what is held still; anything else is fine. */
  resume(id: string): Promise<void>;
  /** An empty volume. One that is there already stays as it is. */
  makeVolume(name: string, labels: Readonly<Record<string, string>>): Promise<void>;
}

export interface ContainerCommandOptions {
  readonly input?: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

export interface ContainerCommand {
  /**
   * Its standard output as it comes. It ends only after an exit code of 0, so that nobody takes half an output for a whole one.
   * @throws ApictlError COMMAND_IN_CONTAINER_FAILED (5) with the last lines of its standard error
   */
  readonly output: AsyncIterable<Buffer>;
  /** Its standard error, whole once the output has ended. */
  readonly stderr: () => string;
}
