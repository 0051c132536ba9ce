import { Option } from 'commander';
import { withExamples } from '../examples.ts';
import { flavourOption, notEmpty, profileOption } from '../options.ts';
import type { Register } from '../program.ts';

export const registerRender: Register = (program, run) =>
  withExamples(
    program
      .command('render')
      .description('write every rendered file, touch nothing else')
      .option('--out <dir>', 'folder to write to (default: .apictl)', notEmpty)
      .addOption(
        new Option('--target <target>', 'what to write it for')
          .choices(['compose', 'swarm'])
          .default('compose'),
      )
      .addOption(profileOption())
      .addOption(flavourOption())
      .option('--check', 'write nothing; exit code 2 when a file is stale')
      .action(run(async () => (await import('../actions/render.ts')).renderAction)),
    ['apictl render --out rendered', 'look at what would be run'],
    ['apictl render --target swarm', 'the stack file for "docker stack deploy"'],
    ['apictl render --check', 'is what lies in .apictl current?'],
  );
