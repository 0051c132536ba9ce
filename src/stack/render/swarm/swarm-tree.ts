import type { TreeMap } from '../compose-tree.ts';

/** What `docker stack deploy` takes, as a value. */
export interface SwarmTree {
  readonly version: string;
  readonly services: { readonly [service: string]: SwarmService };
  readonly networks: { readonly [network: string]: TreeMap };
  readonly volumes: { readonly [volume: string]: TreeMap };
  readonly secrets: { readonly [secret: string]: SwarmObject };
  readonly configs: { readonly [config: string]: SwarmObject };
}

/** A secret or a config of the engine, which never changes: its name says by a keyed digest what is in it. */
export interface SwarmObject {
  readonly [key: string]: string;
  readonly name: string;
  /** Relative to the folder of the stack file. */
  readonly file: string;
}

export interface SwarmService extends TreeMap {
  readonly image: string;
  readonly deploy: SwarmDeploy;
}

interface SwarmDeploy extends TreeMap {
  readonly replicas: number;
  readonly labels: { readonly [label: string]: string };
}

/** The node with the data carries it, with the value `true`; also what the services are bound by. */
export const DATA_NODE_LABEL = 'io.apictl.data';
