import * as z from 'zod';
import { type AdminClient, refused } from './admin/client.ts';
import { send } from './apply/write.ts';
import type { Declared } from './format/flatten.ts';
import { ownerTags } from './model/identity.ts';
import { revealed } from './model/value.ts';

/** Where an upstream sends requests. */
export interface Target {
  /** Its name, as `backend`. */
  readonly upstream: string;
  /** `backend-1:8000` */
  readonly target: string;
  /** Its share; 0: it gets no new requests. */
  readonly weight: number;
}

/** A target as the gateway's balancer sees it now. */
export interface LiveTarget extends Target {
  /** `HEALTHY`, `HEALTHCHECKS_OFF`, `UNHEALTHY`, `DNS_ERROR`. */
  readonly health: string;
  /** The IP addresses that its name stands for. */
  readonly addresses: readonly string[];
}

/** The weight that Kong gives a target that says none. */
const DEFAULT_WEIGHT = 100;

const liveSchema = z.array(
  z.object({
    target: z.string(),
    weight: z.number(),
    health: z.string(),
    data: z
      .object({
        // An empty list is an empty object here.
        addresses: z.union([z.array(z.object({ ip: z.string() })), z.object({}).transform(() => [])]),
      })
      .optional(),
  }),
);

/** `backend-1` of `backend-1:8000`. */
export const hostOfTarget = ({ target }: Pick<Target, 'target'>): string => target.replace(/:\d+$/, '');

/** Whether the gateway sends requests there, as far as it says. */
export const canServe = ({ weight, health }: LiveTarget): boolean =>
  weight > 0 && (health === 'HEALTHY' || health === 'HEALTHCHECKS_OFF');

/** The targets that the files declare, those included that follow the stack. Pure. */
export const declaredTargets = (declared: readonly Declared[]): Target[] =>
  declared.flatMap(({ kind, fields, references }) => {
    const upstream = references.upstream;
    if (kind !== 'target' || upstream === undefined) return [];
    const weight = revealed(fields.weight ?? null);
    return [
      {
        upstream: 'id' in upstream ? upstream.id : upstream.key,
        target: String(revealed(fields.target ?? null)),
        weight: typeof weight === 'number' ? weight : DEFAULT_WEIGHT,
      },
    ];
  });

/** The targets of an upstream, drained ones too; none where Kong has no such upstream. @throws as the client, KONG_REFUSED (6) */
export async function liveTargets(client: AdminClient, upstream: string): Promise<LiveTarget[]> {
  const path = `${pathOf(upstream)}/health`;
  const found = await client.list(path);
  if (found === undefined) return [];
  const parsed = liveSchema.safeParse(found);
  if (!parsed.success) {
    throw refused('GET', path, { status: 200, body: found, text: '{"message":"no list of targets"}' });
  }
  return parsed.data.map(({ target, weight, health, data }) => ({
    upstream,
    target,
    weight,
    health,
    addresses: (data?.addresses ?? []).map(({ ip }) => ip),
  }));
}

/** Gives a target that is there its weight. @throws as the client, KONG_REFUSED (6) */
export async function setWeight(client: AdminClient, { upstream, target, weight }: Target): Promise<void> {
  await send(client, { method: 'PATCH', path: pathOf(upstream, target), body: { weight } });
}

/** Adds a target that carries our tags, as a seed adds it. @throws as the client, KONG_REFUSED (6) */
export async function addTarget(
  client: AdminClient,
  project: string,
  { upstream, target, weight }: Target,
): Promise<void> {
  await send(client, {
    method: 'POST',
    path: `${pathOf(upstream)}/targets`,
    body: { target, weight, tags: [...ownerTags(project)] },
    makes: pathOf(upstream, target),
  });
}

/** What is gone is fine. @throws as the client, KONG_REFUSED (6) */
export async function removeTarget(
  client: AdminClient,
  { upstream, target }: Pick<Target, 'upstream' | 'target'>,
): Promise<void> {
  await send(client, { method: 'DELETE', path: pathOf(upstream, target) });
}

const pathOf = (upstream: string, target?: string): string =>
  `/upstreams/${encodeURIComponent(upstream)}${target === undefined ? '' : `/targets/${encodeURIComponent(target)}`}`;
