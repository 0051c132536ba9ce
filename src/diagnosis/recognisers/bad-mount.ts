import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const badMount: Rule = {
  id: 'bad-mount',
  weight: 'certain',
  failure:
    'a file or folder that it mounts is missing, or is a folder where a file is meant (or the other way round)',
  remedy: '`apictl up` writes its own files anew; correct mounts of your own in `compose.override.yaml`',
  recognise: (facts) => {
    const kind = heard(facts, /error mounting "([^"]+)" to rootfs at "([^"]+)".*not a directory/);
    const missing = heard(
      facts,
      /bind source path does not exist: (\S+)/,
      /error mounting "([^"]+)" to rootfs at .*no such file or directory/,
    );
    const forbidden = heard(facts, /[Mm]ounts denied:?.*?(\/\S+)/);
    const hint =
      'Run "apictl up" again, which writes the mounted files anew; for a mount of your own correct compose.override.yaml.';
    if (kind !== undefined) {
      return {
        cause: `could not be started: of ${kind.match[1]} and ${kind.match[2]}, which it is mounted on, one is a folder and the other a file`,
        hint,
      };
    }
    if (missing !== undefined)
      return { cause: `could not be started: ${missing.match[1]}, which it mounts, does not exist`, hint };
    return forbidden === undefined
      ? undefined
      : {
          cause: `could not be started: Docker Desktop does not share ${forbidden.match[1]} with containers`,
          hint: 'Add the folder in Docker Desktop, Settings, Resources, File sharing.',
        };
  },
};
