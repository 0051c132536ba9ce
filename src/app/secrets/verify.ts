import * as z from 'zod';
import { ApictlError, EXIT, messageOf } from '../../core/errors.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { Secret } from '../../core/secret.ts';
import { containerFindings, fileFindings, type SecretFinding } from '../../secrets/findings.ts';
import { type Holder, SECRET_STATES, type SecretSpec, secretsOf } from '../../secrets/model.ts';
import { readSecretStates, readSecretsFolder } from '../../secrets/read.ts';
import { readUnfinished, unfinishedFindings } from '../../secrets/rotation-journal.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { hashesOf, readingsOf, valuesOf } from './contained.ts';
import { doorFor } from './doors.ts';

/** What `secrets verify --json` prints. */
export const secretsVerifiedSchema = z.object({
  secrets: z.array(
    z.object({
      name: z.string(),
      state: z.enum(SECRET_STATES),
      ageSeconds: z.number().int().nullable(),
      opens: z
        .boolean()
        .nullable()
        .describe('Whether a login with it is let in; null where none can be tried.'),
      readBy: z.array(z.string()).describe('Running services that read it, found inside of them.'),
    }),
  ),
  findings: z.array(z.object({ object: z.string(), found: z.string(), fix: z.string() })),
});
export type SecretsVerified = z.output<typeof secretsVerifiedSchema>;

/** Looks at the files, tries every login, and looks into every running container. Changes nothing. */
export async function verifySecrets(
  world: World,
  project: Project,
  options: { readonly maxAgeDays: number | null },
): Promise<SecretsVerified> {
  const { root, config } = project;
  const specs = secretsOf(config);
  const states = await readSecretStates(world.files, root, specs);
  const { containers, unreachable } = await containersOf(world, config.project);
  const running = containers.filter(({ state }) => state === 'running');
  const values = await valuesOf(world, states);
  const [readings, opened, unfinished] = await Promise.all([
    readingsOf(world, project, running),
    openedDoors(world, project, specs, values, containers),
    readUnfinished(
      world.files,
      root,
      specs.map(({ name }) => name),
    ),
  ]);
  const nowMs = world.clock.now();
  const files = fileFindings(specs, states, {
    nowMs,
    user: world.user,
    maxAgeMs: options.maxAgeDays === null ? null : options.maxAgeDays * 86_400_000,
    folder: await readSecretsFolder(world.files, root),
  });
  const findings = [
    ...files,
    ...unreachable,
    ...opened.findings,
    ...containerFindings(readings, hashesOf(values)),
    ...unfinishedFindings(unfinished),
  ];
  return {
    secrets: states.map(({ name, state, modifiedMs }) => ({
      name,
      state,
      ageSeconds: modifiedMs === null ? null : Math.max(0, Math.floor((nowMs - modifiedMs) / 1000)),
      opens: opened.opens.get(name) ?? null,
      readBy: readings.filter(({ reads }) => reads.get(name) != null).map(({ service }) => service),
    })),
    findings,
  };
}

/** Without an engine the files are looked at all the same. */
async function containersOf(
  { engine }: Pick<World, 'engine'>,
  project: string,
): Promise<{
  readonly containers: readonly ContainerSummary[];
  readonly unreachable: readonly SecretFinding[];
}> {
  try {
    return { containers: await engine.containers(project), unreachable: [] };
  } catch (thrown) {
    if (!(thrown instanceof ApictlError) || thrown.exitCode !== EXIT.engine) throw thrown;
    const found = `no container was looked into: ${thrown.message}`;
    return { containers: [], unreachable: [{ object: 'engine', found, fix: thrown.hint ?? '' }] };
  }
}

async function openedDoors(
  world: World,
  project: Project,
  specs: readonly SecretSpec[],
  values: ReadonlyMap<string, Secret>,
  containers: readonly ContainerSummary[],
): Promise<{ readonly opens: ReadonlyMap<string, boolean>; readonly findings: readonly SecretFinding[] }> {
  const opens = new Map<string, boolean>();
  const findings: SecretFinding[] = [];
  for (const { name, holder, opens: what } of specs) {
    const value = values.get(name);
    const door = doorFor(holder, world, project, containers, { keyOverlapSeconds: 0 });
    if (value === undefined || door?.opens === undefined) continue;
    const object = `secret ${name}`;
    try {
      const isOpen = await door.opens(value);
      opens.set(name, isOpen);
      if (!isOpen) {
        findings.push({
          object,
          found: `does not open what it is for: ${what}`,
          fix: `Put the right value back, or say "${healing(holder, name)}".`,
        });
      }
    } catch (thrown) {
      findings.push({ object, found: `cannot be tried: ${messageOf(thrown)}`, fix: 'See "apictl status".' });
    }
  }
  return { opens, findings };
}

/** A rotation puts a key beside the one of the file, which Kong does not have here; a seed gives Kong the one of the file. */
const healing = ({ kind }: Holder, name: string): string =>
  kind === 'gateway-key' ? 'apictl seed' : `apictl secrets rotate ${name}`;
