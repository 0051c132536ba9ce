import type { ComposeTree } from './compose-tree.ts';
import { isMap, listAt } from './compose-tree.ts';

/** A port of the host that a service of the rendered file wants. */
export interface WantedPort {
  readonly service: string;
  readonly address: string;
  readonly port: number;
}

/** Every published port of the rendered file, in the order of services. */
export const publishedPorts = (compose: ComposeTree): WantedPort[] =>
  Object.entries(compose.services).flatMap(([service, definition]) =>
    listAt(definition, 'ports').flatMap((entry) =>
      isMap(entry) && entry.published !== undefined
        ? [{ service, address: String(entry.host_ip ?? '0.0.0.0'), port: Number(entry.published) }]
        : [],
    ),
  );
