import { join } from 'node:path';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { nearestWord } from '../../core/nearest-word.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { alertmanagerOf } from './doors.ts';

type Reading = Pick<World, 'files' | 'http' | 'packageRoot'>;

const PACKAGED = ['monitoring', 'prometheus', 'rules'];

/**
 * A silence of an alert that no rule has keeps nobody quiet. What fires at the moment may also be somebody else's.
 * @throws ApictlError ALERT_UNKNOWN (64) with the nearest name
 */
export async function refuseUnknown(world: Reading, project: Project, name: string): Promise<void> {
  const known = await ruleNames(world, project);
  if (known.includes(name)) return;
  const firing = await alertmanagerOf(world, project).alerts();
  if (firing.some(({ labels }) => labels.alertname === name)) return;
  const nearest = nearestWord(name, known);
  throw new ApictlError({
    code: 'ALERT_UNKNOWN',
    exitCode: EXIT.usage,
    message: `there is no alert ${name}`,
    object: name,
    hint: `${nearest === undefined ? '' : `Did you mean ${nearest}? `}There are: ${known.join(', ')}.`,
  });
}

/** The alerts of the packaged rules and of the files that `alerting.rules` names. */
async function ruleNames(
  { files, packageRoot }: Pick<World, 'files' | 'packageRoot'>,
  { root, config }: Project,
): Promise<readonly string[]> {
  const folder = join(packageRoot, ...PACKAGED);
  const packaged = (await files.list(folder)).map((name) => join(folder, name));
  const own = config.alerting.rules.map((path) => join(root, path));
  const texts = await Promise.all([...packaged, ...own].map((path) => files.read(path)));
  return [...new Set(texts.flatMap((text) => alertsIn(text?.toString('utf8') ?? '')))].sort();
}

/** Read without a parser: the packaged files have placeholders, and `up` has judged the others. */
const alertsIn = (text: string): string[] =>
  [...text.matchAll(/["']?\balert["']?:\s*(?:"([^"\n]+)"|'([^'\n]+)'|([^\s,}#"'][^,}#\n]*))/g)].map(
    ([, double, single, plain = '']) => double ?? single ?? plain.trim(),
  );
