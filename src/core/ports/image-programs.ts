/** Programs that come in images, run by themselves; apart from the Engine port because only checks need it. */
export interface ImagePrograms {
  /**
   * Runs a program in a container of its own, which has no network, no volume and no rights, and is removed whatever happens.
   * Null where the engine has no such image. A program that is over its time counts as exit code 124, as timeout(1) says it.
   * @throws ApictlError as every call of the Engine port; ENGINE_REFUSED where the image has no such program
   */
  run(program: ImageProgram, signal?: AbortSignal): Promise<ProgramEnd | null>;
}

export interface ImageProgram {
  readonly image: string;
  /** The program's name or path in the image, then its arguments. */
  readonly argv: readonly string[];
  /** Name -> text of the files that it finds in the folder `FILES_FOLDER`. */
  readonly files: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** What both streams of a program said, the first 64 KiB in the order in which it came. */
export interface ProgramEnd {
  readonly exitCode: number;
  readonly output: string;
}

/** Where a program's files lie in its container. */
export const FILES_FOLDER = '/check';
