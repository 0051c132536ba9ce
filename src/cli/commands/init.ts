import { withExamples } from '../examples.ts';
import type { Register } from '../program.ts';

export const registerInit: Register = (program, run) =>
  withExamples(
    program
      .command('init')
      .description(
        'the files that a project begins with: apictl.yaml and entries of .gitignore; overwrites nothing',
      )
      .option('--kong', 'also kong/kong.yaml, the declared state of the gateway, to be changed')
      .action(run(async () => (await import('../actions/init.ts')).initAction)),
    ['apictl init', 'then change apictl.yaml, and "apictl up"'],
    ['apictl init --kong', 'with the routes, services and plugins of the gateway'],
  );
