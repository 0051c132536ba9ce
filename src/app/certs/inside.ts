import { createHash } from 'node:crypto';
import {
  CERTIFICATE,
  certificatePath,
  type WantedCertificate,
  wantedCertificates,
} from '../../certs/model.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

/** A certificate that only the stack itself is shown, and what its container has instead of the file. */
export interface StaleInside {
  readonly want: WantedCertificate;
  readonly container: ContainerSummary;
  readonly problem: string;
}

const LOOK_MS = 10_000;

/**
 * What no door shows is looked for inside of its container. That has another one where the folder was replaced as a whole, as by what
 * was put back from a copy: it goes on with the folder that it was started with.
 */
export async function staleInside(
  { engine, files }: Pick<World, 'engine' | 'files'>,
  { root, config }: Project,
  containers: readonly ContainerSummary[],
): Promise<readonly StaleInside[]> {
  const read = wantedCertificates(config).flatMap((want) => {
    const container = containers.find(
      ({ service, state }) => service === want.service && state === 'running',
    );
    return want.port !== null || container === undefined ? [] : [{ want, container }];
  });
  const looked = await Promise.all(
    read.map(async ({ want, container }): Promise<readonly StaleInside[]> => {
      const file = await files.read(certificatePath(root, want.name));
      if (file === null) return [];
      const path = `/etc/apictl/certs/${want.name}/${CERTIFICATE}`;
      const { exitCode, output } = await engine.exec(container.id, ['sha256sum', path], LOOK_MS);
      if (exitCode === 0 && output.startsWith(createHash('sha256').update(file).digest('hex'))) return [];
      const what = exitCode === 0 ? 'another certificate than the file' : `no ${path}`;
      return [{ want, container, problem: `${container.service} has ${what}` }];
    }),
  );
  return looked.flat();
}
