import type { Config, Flavour, Profile } from '../../config/schema.ts';
import type { Fragments } from '../fragments.ts';
import type { ComposeTree } from './compose-tree.ts';

export interface RenderInput {
  readonly config: Config;
  readonly flavour: Flavour;
  readonly profiles: readonly Profile[];
  /** The API version spoken with the engine, as `1.41`: decides what the file may contain. */
  readonly engineApiVersion: string;
  /** Compose's version, as `2.26.1`; absent: only what every Compose v2 understands is written. */
  readonly composeVersion?: string;
  /**
   * References of the images built on this machine, by name. Embedded: postgres, prometheus, alertmanager, node-exporter,
   * postgres-exporter, blackbox-exporter, dev-gateway, backend, logging. Official: backend, logging.
   */
  readonly images: Readonly<Record<string, string>>;
  readonly fragments: Fragments;
}

export interface RenderedFile {
  /** Relative to the folder .apictl, as `config/prometheus/prometheus.yml`. */
  readonly path: string;
  readonly content: string;
  /** Permission bits: 0o644, readable by whatever user a container runs as. */
  readonly mode: number;
}

/** One row of the table that `up` prints and README shows. */
export interface ServiceRow {
  readonly service: string;
  readonly kind: 'real' | 'substitute' | 'left out';
  readonly why: string;
}

export interface RenderedStack {
  readonly compose: ComposeTree;
  /** compose.yaml and every configuration file that it mounts. */
  readonly files: readonly RenderedFile[];
  readonly services: readonly ServiceRow[];
}

/**
 * Model and fragments -> the Compose file and everything it mounts. Pure.
 * @throws ApictlError FRAGMENT_INVALID (exit 64) for a placeholder that does not exist, naming fragment and path
 */
export function renderStack(_input: RenderInput): RenderedStack {
  throw new Error('not written yet');
}
