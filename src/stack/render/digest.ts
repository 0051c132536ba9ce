import type { Secret } from '../../core/secret.ts';
import type { ComposeTree } from './compose-tree.ts';
import type { RenderedStack } from './render-stack.ts';

/** The label that tells whether a container was made from what is rendered now. */
export const DIGEST_LABEL = 'io.apictl.digest';
export const FLAVOUR_LABEL = 'io.apictl.flavour';
export const MANAGED_LABEL = 'io.apictl.managed';

/** Everything that a container depends on and that is not in the rendered service itself. */
export interface DigestContents {
  /** Local key of the HMAC, at least 16 bytes: labels are public, what goes into them is not. */
  readonly key: Secret;
  /**
   * Bytes of every file that is mounted: path relative to .apictl -> content, as
   * `config/prometheus/prometheus.yml` and `../secrets/certs/proxy/tls.crt`.
   */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly secrets: Readonly<Record<string, Secret>>;
  /** The text of the user's compose.override.yaml, or null. */
  readonly override: string | null;
  /** The environment that the override may interpolate (process environment and .env). */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly composeVersion: string;
}

/** Adds the digest label to every service. Pure; the same contents give the same labels. */
export function stampDigests(_compose: ComposeTree, _contents: DigestContents): ComposeTree {
  throw new Error('not written yet');
}

/** The stack with stamped services and with the text of compose.yaml that says so; its own files need not be in `contents`. */
export function stampStack(_stack: RenderedStack, _contents: DigestContents): RenderedStack {
  throw new Error('not written yet');
}

/** Host paths (relative to .apictl) of files and folders that services mount and that are not rendered, as `../secrets/certs/proxy`. */
export function outsideMounts(_stack: RenderedStack): readonly string[] {
  throw new Error('not written yet');
}
