import { createHash } from 'node:crypto';
import { messageOf } from '../../core/errors.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import { Secret } from '../../core/secret.ts';
import { Slots } from '../../core/slots.ts';
import { type ContainerReading, containerFindings, type SecretFinding } from '../../secrets/findings.ts';
import { type SecretState, secretsOf } from '../../secrets/model.ts';
import { readSecretStates, secretsFolder } from '../../secrets/read.ts';
import { readInside } from '../../secrets/read-containers.ts';
import type { Project } from '../project/project.ts';
import { expectedSecrets } from '../render/expected-services.ts';
import type { World } from '../world.ts';
import { containerSecrets } from './mounts.ts';

/** As many at a time as a small engine does without being busy with nothing else. */
const LOOKS_AT_ONCE = 2;

/** What every running container has of the secrets, held against the files; no login is tried. */
export async function containedSecrets(
  world: World,
  project: Project,
): Promise<{ readonly looked: number; readonly findings: readonly SecretFinding[] }> {
  const { root, config } = project;
  const containers = await world.engine.containers(config.project);
  const running = containers.filter(({ state }) => state === 'running');
  const values = await valuesOf(world, await readSecretStates(world.files, root, secretsOf(config)));
  const readings = running.length === 0 ? [] : await readingsOf(world, project, running);
  return { looked: running.length, findings: containerFindings(readings, hashesOf(values)) };
}

/** Secret -> the fingerprint by which what a container reads is compared. */
export const hashesOf = (values: ReadonlyMap<string, Secret>): ReadonlyMap<string, string> =>
  new Map([...values].map(([name, value]) => [name, sha256(value)]));

/** The values of those that can be read. */
export async function valuesOf(
  { files }: Pick<World, 'files'>,
  states: readonly SecretState[],
): Promise<ReadonlyMap<string, Secret>> {
  const values = await Promise.all(
    states
      .filter(({ state }) => state === 'present' || state === 'weak')
      .map(
        async ({ name, path }) =>
          [name, new Secret((await files.read(path))?.toString('utf8') ?? '')] as const,
      ),
  );
  return new Map(values);
}

const sha256 = (value: Secret): string => createHash('sha256').update(value.reveal()).digest('hex');

/** What each container reads, found inside of it. */
export async function readingsOf(
  world: World,
  project: Project,
  running: readonly ContainerSummary[],
): Promise<ContainerReading[]> {
  const expected = await expectedSecrets(world, project);
  const slots = new Slots(LOOKS_AT_ONCE);
  const folder = secretsFolder((await world.files.realPath(project.root)) ?? project.root);
  const mounted = await containerSecrets(world.engine, running);
  return Promise.all(
    mounted.map(({ container, live, otherSources }) =>
      slots.use(async (): Promise<ContainerReading> => {
        const base = {
          service: container.service,
          expected: expected?.[container.service] ?? null,
          live,
          exposes: otherSources.filter(
            (path) => folder === path || folder.startsWith(`${path}/`) || path.startsWith(`${folder}/`),
          ),
        };
        try {
          return { ...base, reads: await readInside(world.engine, container.id), problem: null };
        } catch (thrown) {
          return { ...base, reads: new Map(), problem: messageOf(thrown) };
        }
      }),
    ),
  );
}
