/** Reads the files that images are built from. */
export interface BuildContexts {
  /**
   * All files below a folder, sorted by path; null where there is no such folder. A `.dockerignore` in it is honoured.
   * @throws ApictlError BUILD_CONTEXT_TOO_LARGE (exit 64), FILE_UNUSABLE (exit 8)
   */
  read(folder: string, options?: ContextOptions): Promise<ContextFile[] | null>;
}

export interface ContextOptions {
  /** Further patterns in the syntax of .dockerignore. */
  readonly ignore?: readonly string[];
  /** Paths relative to the folder that no pattern can leave out, as the Dockerfile. */
  readonly keep?: readonly string[];
}

export interface ContextFile {
  /** Relative to the context, with slashes. */
  readonly path: string;
  /** Permission bits, as 0o755. */
  readonly mode: number;
  readonly content: { readonly bytes: Uint8Array } | { readonly linkTo: string };
}
