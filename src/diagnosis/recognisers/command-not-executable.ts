import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const commandNotExecutable: Rule = {
  id: 'command-not-executable',
  weight: 'certain',
  failure: 'its command is a file that cannot be executed (exit code 126)',
  remedy: '`chmod +x` the file in the image, or name the program that runs it',
  recognise: (facts) => {
    const refused = heard(facts, /exec: "([^"]+)": permission denied/, /exec: "([^"]+)": is a directory/);
    const shell =
      facts.exitCode === 126 ? heard(facts, /^\S*sh: (?:line )?\d*:? ?(.+?): Permission denied/) : undefined;
    const command = (refused ?? shell)?.match[1];
    if (command === undefined && facts.exitCode !== 126) return undefined;
    return {
      cause: `has a command that cannot be executed (exit code 126)${command === undefined ? '' : `: ${command}`}`,
      hint: 'Make the file executable in the image (chmod +x), or name the program that runs it.',
    };
  },
};
