import type { StoredImage } from '../../../core/ports/image-transfer.ts';

/** How the engine and its streams write a reference: without Docker Hub's own names, and with a tag. */
export function familiar(reference: string): string {
  const short = reference.replace(/^(index\.)?docker\.io\//, '').replace(/^library\/(?=[^/]+$)/, '');
  return /:[^/]+$/.test(short) ? short : `${short}:latest`;
}

/** A reference by digest has no tag, and only tags are kept by the engine's stream. */
export const isByDigest = (reference: string): boolean => reference.includes('@');

/** The digest under which the registry of this reference knows the image. */
export function digestOf(reference: string, { digests }: Pick<StoredImage, 'digests'>): string | null {
  const repository = familiar(reference).replace(/:[^/:]+$/, '');
  const found = digests.find((one) => familiar(one.split('@')[0] ?? '') === `${repository}:latest`);
  return found?.split('@')[1] ?? null;
}

/**
 * Bytes of these images together, shared layers once where one image stands on another of them; else an upper bound, because
 * the engine does not say how large a layer is.
 */
export function unpackedBytes(images: readonly Pick<StoredImage, 'id' | 'layers' | 'sizeBytes'>[]): number {
  const distinct = [...new Map(images.map((image) => [image.id, image])).values()];
  const sizes = distinct.map((image) => {
    const bases = distinct.filter(
      ({ layers }) =>
        layers.length < image.layers.length && layers.every((layer, at) => layer === image.layers[at]),
    );
    return image.sizeBytes - Math.max(0, ...bases.map(({ sizeBytes }) => sizeBytes));
  });
  return sizes.reduce((sum, bytes) => sum + Math.max(0, bytes), 0);
}
