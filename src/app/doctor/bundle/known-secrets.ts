import { join } from 'node:path';
import type { Redaction } from '../../../secrets/redaction.ts';
import { isSecretName, redaction } from '../../../secrets/redaction.ts';
import type { Project } from '../../project/project.ts';
import { filesBelow } from '../../render/rendered.ts';
import type { World } from '../../world.ts';

/** Shorter values of variables are ordinary words. */
const SHORTEST_VARIABLE = 8;

/**
 * The mask of a support archive: of every value below secrets/, also of those that a rotation has left there, and of what the user
 * has given elsewhere.
 */
export async function projectRedaction(
  world: Pick<World, 'files' | 'environment'>,
  project: Project,
): Promise<Redaction> {
  const values = [...(await storedValues(world, project.root)), ...givenValues(world, project)];
  return redaction(
    values.filter((value) => value.trim() !== ''),
    await ownPatterns(project),
  );
}

/** The files of secrets, and the keys among the certificates. */
async function storedValues({ files }: Pick<World, 'files'>, root: string): Promise<string[]> {
  const paths = (await filesBelow(files, root, 'secrets')).filter((path) => !path.endsWith('/.gitignore'));
  const found = await Promise.all(
    paths.map(async (path) => {
      const text = (await files.read(join(root, path)))?.toString('utf8') ?? '';
      if (path.startsWith('secrets/certs/')) return privateKeys(text);
      return [text.replace(/[\r\n]+$/, '')];
    }),
  );
  return found.flat();
}

/** The bodies of private keys, without the lines around them, which say nothing; also without line ends. */
const privateKeys = (text: string): string[] =>
  [...text.matchAll(/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----([^-]*)/g)].flatMap(([, body = '']) => [
    body.trim(),
    body.replaceAll(/\s/g, ''),
  ]);

function givenValues({ environment }: Pick<World, 'environment'>, { config, dotenv }: Project): string[] {
  const { backends, alerting } = config;
  const named = Object.entries({ ...environment, ...backends.environment, ...backends.build?.args })
    .filter(([name, value]) => isSecretName(name) && value !== undefined)
    .map(([, value]) => value ?? '');
  // What is not ours in .env is there for the user's own services.
  const own = Object.entries(dotenv)
    .filter(
      ([name, value]) =>
        isSecretName(name) || (!name.startsWith('APICTL_') && value.length >= SHORTEST_VARIABLE),
    )
    .map(([, value]) => value);
  // The address of a webhook is often all that it takes to post there.
  const addresses = alerting.receivers.flatMap(({ webhook }) => webhook?.url ?? []);
  return [...named, ...own, ...addresses];
}

async function ownPatterns({ config }: Project): Promise<(text: string) => string> {
  const { maskPatterns } = config.logging;
  if (maskPatterns.length === 0) return (text) => text;
  const { maskByPatterns } = await import('../../../config/mask-patterns.ts');
  return maskByPatterns(maskPatterns);
}
