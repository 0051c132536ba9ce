import { Argument } from 'commander';
import { withExamples } from '../examples.ts';
import type { Register } from '../program.ts';

export const registerCompletion: Register = (program, run) =>
  withExamples(
    program
      .command('completion')
      .description('a script that completes commands, options and choices in a shell')
      .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
      .action(run(async () => (await import('../actions/completion.ts')).completionAction(program))),
    ['source <(apictl completion bash)', 'in ~/.bashrc'],
    ['source <(apictl completion zsh)', 'in ~/.zshrc'],
    ['apictl completion fish | source', 'in ~/.config/fish/config.fish'],
  );
