import { secretsOf } from '../../secrets/model.ts';
import { readSecret } from '../../secrets/read.ts';
import type { World } from '../world.ts';
import type { Project } from './project.ts';

/** Takes the values of secrets out of a text. */
export type Mask = (text: string) => string;

/** Shorter ones would mask ordinary words. */
const SHORTEST = 8;

/** A mask for everything that containers say: a program may print the password that it was given. */
export async function maskOfSecrets(world: Pick<World, 'files'>, project: Project): Promise<Mask> {
  const values = await Promise.all(
    secretsOf(project.config).map(({ name }) =>
      readSecret(world.files, project.root, name)
        .then((secret) => secret.reveal())
        .catch(() => ''),
    ),
  );
  const known = values.filter((value) => value.length >= SHORTEST);
  return (text) => known.reduce((masked, value) => masked.replaceAll(value, '[secret]'), text);
}
