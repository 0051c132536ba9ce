import type { Readable } from 'node:stream';

/** Takes images out of the engine and puts them in; apart from the Engine port because only saving and loading need it. */
export interface ImageTransfer {
  /** Null where the engine has no such image. */
  describe(reference: string): Promise<StoredImage | null>;
  /** Gives an image, by its id, another name with a tag. */
  tag(id: string, reference: string): Promise<void>;
  /**
   * All of these images as one tar stream, as `docker save` writes it; layers that they share are in it once. A failure of
   * the engine half-way can be a stream that ends early.
   * @param references each with its tag: of a name alone the engine would take every tag
   */
  save(references: readonly string[], signal: AbortSignal): Promise<Readable>;
  /**
   * Loads such a stream, and gives its references to what it holds.
   * @throws ApictlError IMAGES_LOAD_FAILED (5) with the engine's own words
   */
  load(tar: Readable, onProgress: (text: string) => void, signal: AbortSignal): Promise<void>;
}

export interface StoredImage {
  /** `sha256:` and 64 digits. */
  readonly id: string;
  /** Under which a registry knows it, as `kong@sha256:...`; none for what was built or loaded. */
  readonly digests: readonly string[];
  /** Unpacked, with the layers that it shares with others. */
  readonly sizeBytes: number;
  /** The ids of its layers, lowest first: an image whose layers begin with these stands on it. */
  readonly layers: readonly string[];
}
