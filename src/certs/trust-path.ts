import type { X509 } from '../core/ports/x509.ts';

/** How a leaf leads to an authority, PEM each. */
export interface TrustPath {
  /** What lies between the two, the leaf's signer first. */
  readonly between: readonly string[];
  readonly anchor: string;
}

/**
 * The way from a leaf, through the certificates beside it, to one of `anchors` or to a self-signed one among them. Null where
 * a link is missing.
 * @param chain certificates that came with the leaf, in any order
 * @param anchors authorities that are trusted already
 */
export function trustPath(
  x509: X509,
  leaf: string,
  chain: readonly string[],
  anchors: readonly string[],
): TrustPath | null {
  const between: string[] = [];
  let current = leaf;
  for (;;) {
    const anchor = anchors.find((candidate) => x509.signedBy(current, candidate));
    if (anchor !== undefined) return { between, anchor };
    if (x509.read(current).isSelfSigned) return { between: between.slice(0, -1), anchor: current };
    // Each link takes one certificate of the chain, so that no circle goes on for ever.
    const signer = chain.find(
      (candidate) => !between.includes(candidate) && x509.signedBy(current, candidate),
    );
    if (signer === undefined) return null;
    between.push(signer);
    current = signer;
  }
}
