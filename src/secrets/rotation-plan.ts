import { ApictlError, EXIT } from '../core/errors.ts';
import type { Holder, SecretSpec } from './model.ts';
import { specOf } from './read.ts';
import type { Unfinished } from './rotation-journal.ts';

/** One secret that gets a new value. */
export interface PlannedRotation {
  readonly name: string;
  readonly bytes: number;
  /** Where its value is set and tried, for people. */
  readonly set: string;
  /** Services that are made anew with it, jobs among them that run again. */
  readonly readers: readonly string[];
  /** Services that read it and run on: they take it without that, or need it at their first start only. */
  readonly kept: readonly string[];
}

export interface RotationPlan {
  readonly rotate: readonly PlannedRotation[];
  /** Asked for by `--all` only, and why they keep their value. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
  /** Begun by an earlier run; finished before anything else. */
  readonly unfinished: Unfinished;
  /** Begun by an earlier run and not to be finished now, and why. */
  readonly waiting: readonly { readonly name: string; readonly why: string }[];
}

export interface RotationFacts {
  /** Services of a stack that runs, with a container that may have ended; none of one that is stopped. */
  readonly present: ReadonlySet<string>;
  readonly running: ReadonlySet<string>;
  /** Services with a container, of a stack that is stopped too. */
  readonly containers: ReadonlySet<string>;
  /** Volumes that exist, as `postgres-data`. */
  readonly volumes: ReadonlySet<string>;
  /** Secret -> services that mount it. `live`: their container stays as it is when it changes. */
  readonly readers: Readonly<Record<string, readonly { readonly service: string; readonly live: boolean }[]>>;
  readonly unfinished: Unfinished;
}

/** The service that a secret's value is set or tried at. */
export const serviceOf = ({ kind }: Holder): string | null => SERVICES[kind] ?? null;

const SERVICES: Readonly<Partial<Record<Holder['kind'], string>>> = {
  postgres: 'postgres',
  elasticsearch: 'elasticsearch',
  grafana: 'grafana',
  logging: 'logging',
  'gateway-key': 'kong',
  'grafana-keys': 'grafana',
  'kibana-objects': 'kibana',
};

/** Whether what keeps a value in its data need not run to be given another: its data is all that counts. */
export const isChangedAtRest = ({ kind }: Holder): boolean => kind === 'grafana-keys';

/**
 * @param names what to rotate; null: everything that can be
 * @throws ApictlError SECRET_UNKNOWN, SECRET_NOT_ROTATED (64) for a name that cannot be rotated, saying why
 */
export function planRotation(
  specs: readonly SecretSpec[],
  names: readonly string[] | null,
  facts: RotationFacts,
): RotationPlan {
  for (const name of names ?? []) specOf(specs, name);
  const wanted = specs.filter(({ name }) => names === null || names.includes(name));
  const left = wanted.flatMap((spec) => {
    const why = whyNot(spec, facts);
    return why === null ? [] : [{ name: spec.name, ...why }];
  });
  const [first] = left;
  if (names !== null && first !== undefined) throw notRotated(first);
  return {
    rotate: wanted
      .filter(({ name }) => left.every((other) => other.name !== name))
      .map((spec) => plannedOf(spec, facts)),
    left: left.map(({ name, why }) => ({ name, why })),
    ...splitUnfinished(specs, facts),
  };
}

function splitUnfinished(
  specs: readonly SecretSpec[],
  facts: RotationFacts,
): Pick<RotationPlan, 'unfinished' | 'waiting'> {
  const { begun, swapped } = facts.unfinished;
  const waiting = specs.flatMap((spec) => {
    const why = begun.includes(spec.name) || swapped.includes(spec.name) ? whyNot(spec, facts) : null;
    return why === null ? [] : [{ name: spec.name, why: why.why }];
  });
  const isReady = (name: string): boolean => waiting.every((other) => other.name !== name);
  return { unfinished: { begun: begun.filter(isReady), swapped: swapped.filter(isReady) }, waiting };
}

function plannedOf(spec: SecretSpec, facts: RotationFacts): PlannedRotation {
  const readers = (facts.readers[spec.name] ?? [])
    .filter(({ service }) => facts.present.has(service))
    .sort((a, b) => a.service.localeCompare(b.service));
  return {
    name: spec.name,
    bytes: spec.bytes ?? 0,
    set: setText(spec.holder, facts),
    readers: readers.filter(({ live }) => !live).map(({ service }) => service),
    kept: readers.filter(({ live }) => live).map(({ service }) => service),
  };
}

function setText(holder: Holder, { running }: RotationFacts): string {
  const service = serviceOf(holder);
  if (service !== null && !running.has(service) && !isChangedAtRest(holder))
    return `in its file; ${service} does not run`;
  switch (holder.kind) {
    case 'postgres':
      return `role ${holder.role} of PostgreSQL; the gateway changes over without a pause`;
    case 'elasticsearch':
      return `user ${holder.user} of Elasticsearch, by its API`;
    case 'grafana':
      return `user ${holder.user} of Grafana, by its API`;
    case 'grafana-keys':
      return 'in its file, and in Grafana’s database, whose data keys are encrypted anew while it stands still';
    case 'kibana-objects':
      return 'in its file; Kibana then encrypts its stored objects with it, by its API';
    case 'gateway-key':
      return 'the consumer in the gateway, the old key beside it until the end';
    case 'logging':
      return 'in its file; then a login at the logging service';
    default:
      return 'in its file';
  }
}

/** Null: it can be rotated. */
function whyNot(
  { name, holder, boundTo }: SecretSpec,
  { running, present, containers, volumes }: RotationFacts,
): { readonly why: string; readonly hint: string } | null {
  if (holder.kind === 'outside') {
    return {
      why: 'whoever gave it to you has to give a new one',
      hint: `Then say "apictl secrets set ${name}" and "apictl up".`,
    };
  }
  if (holder.kind === 'former') {
    return {
      why: `it takes the value that ${holder.of} had, whenever that is rotated`,
      hint: `Say "apictl secrets rotate ${holder.of}".`,
    };
  }
  if (holder.kind === 'every-container' && present.size > 0) {
    return {
      why: 'every container would have to be made anew, the gateway too',
      hint: 'Rotate it after "apictl down"; the data stays.',
    };
  }
  const service = serviceOf(holder);
  const reachable = isChangedAtRest(holder) ? containers : running;
  if (service === null || reachable.has(service) || boundTo === undefined || !volumes.has(boundTo))
    return null;
  return {
    why: `${service} keeps it in its data and does not run`,
    hint: `Bring it up first: "apictl up ${service}".`,
  };
}

const notRotated = ({ name, why, hint }: { name: string; why: string; hint: string }): ApictlError =>
  new ApictlError({
    code: 'SECRET_NOT_ROTATED',
    exitCode: EXIT.usage,
    message: `${name} is not rotated: ${why}`,
    object: `secret ${name}`,
    hint,
  });
