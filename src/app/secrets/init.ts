import * as z from 'zod';
import { applySecretPlan } from '../../secrets/apply.ts';
import { FOLDER_MODE, secretsOf } from '../../secrets/model.ts';
import { planSecrets, type SecretPlan } from '../../secrets/plan.ts';
import { readSecretStates, readSecretsFolder } from '../../secrets/read.ts';
import type { Project } from '../project/project.ts';
import { withLock } from '../project/session.ts';
import { volumeKeys } from '../project/volume-keys.ts';
import type { World } from '../world.ts';

/** What `secrets init --json` prints. */
export const secretsInitSchema = z.object({
  created: z.array(z.string()),
  present: z.array(z.string()).describe('They were there, and keep their value.'),
  repaired: z.array(z.string()).describe('Paths that have another mode now.'),
});
export type SecretsInit = z.output<typeof secretsInitSchema>;

/**
 * Makes what is missing, and gives files and folder their modes. No value that is there is changed.
 * @throws ApictlError SECRETS_UNUSABLE, SECRETS_ELSEWHERE (7)
 */
export async function initSecrets(world: World, project: Project): Promise<SecretsInit> {
  const { root, config } = project;
  return withLock(world, project, { command: 'secrets init', waitSeconds: 0 }, async () => {
    const specs = secretsOf(config);
    const states = await readSecretStates(world.files, root, specs);
    const volumes = volumeKeys(await world.engine.volumes(config.project), config.project);
    const plan = planSecrets(specs, states, volumes);
    const repaired = [...(await folderToRepair(world, root)), ...plan.chmod.map(({ path }) => path)];
    const created = await applySecretPlan(plan, world, root);
    tellWarnings(world, plan);
    return {
      created,
      present: states.filter(({ name }) => !created.includes(name)).map(({ name }) => name),
      repaired,
    };
  });
}

export async function folderToRepair({ files }: Pick<World, 'files'>, root: string): Promise<string[]> {
  const folder = await readSecretsFolder(files, root);
  return folder === null || folder.mode === FOLDER_MODE ? [] : [folder.path];
}

export function tellWarnings({ emit }: Pick<World, 'emit'>, { warnings }: SecretPlan): void {
  for (const text of warnings) emit({ type: 'warning', text });
}
