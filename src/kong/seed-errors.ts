import { ApictlError, EXIT } from '../core/errors.ts';
import { type Problem, problemLine } from './format/read.ts';

/** What a seed says before its first write; every problem is one line of the details, with file and line. */

export function invalidFiles(problems: readonly Problem[]): ApictlError {
  const onlySecrets = problems.every(({ secretMissing }) => secretMissing === true);
  return new ApictlError({
    code: onlySecrets ? 'SECRET_MISSING' : 'SEED_FILE_INVALID',
    exitCode: onlySecrets ? EXIT.secrets : EXIT.usage,
    message: onlySecrets
      ? 'the declared gateway state names secrets that do not exist'
      : `the declared gateway state has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}`,
    hint: onlySecrets
      ? '"apictl secrets ls" lists what there is; "apictl secrets set NAME" makes one.'
      : 'Nothing was written. Correct the file and run the command again.',
    details: problems.map(problemLine),
  });
}

/** Kong looked at these entities and would not take them. */
export function refusedEntities(problems: readonly Problem[]): ApictlError {
  return new ApictlError({
    code: 'SEED_INVALID',
    exitCode: EXIT.usage,
    message: `Kong refuses ${problems.length === 1 ? 'one entity' : `${problems.length} entities`} of the declared state`,
    hint: 'Nothing was written. Correct the file and run the command again.',
    details: problems.map(problemLine),
  });
}

export const collidingEntities = (problems: readonly Problem[]): ApictlError =>
  new ApictlError({
    code: 'SEED_COLLISION',
    exitCode: EXIT.usage,
    message: 'Kong has entities that are not ours where the file wants its own',
    hint: 'Nothing was written.',
    details: problems.map(problemLine),
  });

export const pluginsNotEnabled = (problems: readonly Problem[]): ApictlError =>
  new ApictlError({
    code: 'KONG_PLUGIN_NOT_ENABLED',
    exitCode: EXIT.kong,
    message: 'this Kong does not have a plugin that the file uses',
    hint: 'Enable it with KONG_PLUGINS (as "bundled,my-plugin") and install it in Kong’s image, or take it out of the file.',
    details: problems.map(problemLine),
  });
