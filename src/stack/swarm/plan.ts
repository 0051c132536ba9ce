import type { LiveService, SwarmObjectFacts } from '../../core/ports/swarm.ts';
import { listAt, type TreeMap } from '../render/compose-tree.ts';
import { DIGEST_LABEL } from '../render/labels.ts';
import type { SwarmService, SwarmTree } from '../render/swarm/swarm-tree.ts';

/** What a deploy does to one service, and why. */
export interface SwarmOperation {
  readonly service: string;
  readonly action: 'create' | 'update' | 'keep' | 'remove';
  readonly why: string;
}

/** Compares the stack file with what the engine has, by the digests. Pure. */
export function planSwarm(
  { services, ...objects }: SwarmTree,
  live: readonly LiveService[],
): SwarmOperation[] {
  return [
    ...Object.entries(services).map(([service, wanted]): SwarmOperation => {
      const found = live.find(({ name }) => name === service);
      if (found === undefined) return { service, action: 'create', why: 'it is not there' };
      if (
        found.labels[DIGEST_LABEL] === wanted.deploy.labels[DIGEST_LABEL] &&
        found.replicas === wanted.deploy.replicas
      )
        return { service, action: 'keep', why: 'nothing has changed' };
      return { service, action: 'update', why: whyUpdated(wanted, found, objects) };
    }),
    ...live
      .filter(({ name }) => !Object.hasOwn(services, name))
      .map(
        ({ name }): SwarmOperation => ({
          service: name,
          action: 'remove',
          why: 'it is no part of this stack any more',
        }),
      ),
  ];
}

export const isIdlePlan = (plan: readonly SwarmOperation[]): boolean =>
  plan.every(({ action }) => action === 'keep');

function whyUpdated(
  wanted: SwarmService,
  found: LiveService,
  objects: Pick<SwarmTree, 'secrets' | 'configs'>,
): string {
  const reasons = [
    ...(wanted.image === found.image ? [] : [`another image: ${wanted.image} instead of ${found.image}`]),
    ...(wanted.deploy.replicas === found.replicas
      ? []
      : [`replicas: ${wanted.deploy.replicas} instead of ${found.replicas}`]),
    ...changedObjects('secret', listAt(wanted, 'secrets').map(sourceOf), objects.secrets, found),
    ...changedObjects('file', listAt(wanted, 'configs').map(sourceOf), objects.configs, found),
  ];
  return reasons.length === 0 ? 'its definition has changed' : reasons.join('; ');
}

const sourceOf = (use: unknown): string => String((use as TreeMap).source);

const changedObjects = (
  what: string,
  keys: readonly string[],
  objects: SwarmTree['secrets'],
  { objects: used }: LiveService,
): string[] =>
  keys
    .filter((key) => !used.includes(objects[key]?.name ?? ''))
    .map((key) => `${what} ${key} has another content`);

/** The secrets and configs of the stack that no service of it uses any more. Pure. */
export function obsoleteObjects(
  { secrets, configs }: Pick<SwarmTree, 'secrets' | 'configs'>,
  live: readonly SwarmObjectFacts[],
): SwarmObjectFacts[] {
  const wanted = new Set([...Object.values(secrets), ...Object.values(configs)].map(({ name }) => name));
  return live.filter(({ name }) => !wanted.has(name));
}
