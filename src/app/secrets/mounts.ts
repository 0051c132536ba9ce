import type { ContainerSummary, Engine } from '../../core/ports/engine.ts';
import { LIVE_SECRETS_LABEL } from '../../stack/render/labels.ts';

const FOLDER = '/run/secrets/';

/** What a container has of secrets, as the engine mounted it. */
export interface ContainerSecrets {
  readonly container: ContainerSummary;
  readonly secrets: readonly string[];
  /** Those whose change its container outlives. */
  readonly live: ReadonlySet<string>;
  /** Paths of the host that it mounts anywhere else. */
  readonly otherSources: readonly string[];
}

/** Asked of the engine, not of a rendered file: what counts is what runs. */
export const containerSecrets = (
  engine: Pick<Engine, 'inspect'>,
  containers: readonly ContainerSummary[],
): Promise<ContainerSecrets[]> =>
  Promise.all(
    containers.map(async (container) => {
      const { mounts } = await engine.inspect(container.id);
      const isSecret = ({ destination }: { destination: string }) => destination.startsWith(FOLDER);
      return {
        container,
        secrets: mounts.filter(isSecret).map(({ destination }) => destination.slice(FOLDER.length)),
        live: new Set((container.labels[LIVE_SECRETS_LABEL] ?? '').split(',').filter((name) => name !== '')),
        otherSources: mounts
          .filter((mount) => mount.type === 'bind' && !isSecret(mount))
          .map(({ source }) => source),
      };
    }),
  );
