import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const commandNotFound: Rule = {
  id: 'command-not-found',
  weight: 'certain',
  failure: 'its command is not in the image (exit code 127)',
  remedy:
    'correct the command (`backends.command`, `command` or `entrypoint` in `compose.override.yaml`) or use the image that has it',
  recognise: (facts) => {
    const refused = heard(
      facts,
      /exec: "([^"]+)": executable file not found/,
      /exec: "([^"]+)": stat \S+: no such file or directory/,
    );
    const shell =
      facts.exitCode === 127
        ? heard(facts, /^\S*sh: (?:line )?\d*:? ?(.+?): (?:command )?not found/)
        : undefined;
    const command = (refused ?? shell)?.match[1];
    if (command === undefined && facts.exitCode !== 127) return undefined;
    return {
      cause:
        command === undefined
          ? 'has a command that was not found in the image (exit code 127)'
          : `has the command ${command}, which was not found in the image (exit code 127)`,
      hint: 'Correct its command (backends.command in apictl.yaml, or command and entrypoint in compose.override.yaml), or the image.',
    };
  },
};
