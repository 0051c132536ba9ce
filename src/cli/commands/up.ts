import { withExamples } from '../examples.ts';
import { waitLockOption, withBringUp } from '../options.ts';
import type { Register } from '../program.ts';

export const registerUp: Register = (program, run) =>
  withExamples(
    withBringUp(
      program
        .command('up [services...]')
        .description(
          'bring the stack up: secrets, certificates, images, start in dependency order, seed, URLs',
        ),
    )
      .option('--free-ports', 'take the next free port for each that is held, and keep to it from now on')
      .option('--no-free-ports', 'back to the configured ports')
      .option('--timings', 'when each service was ready and what it waited for')
      .option('--dry-run', 'print the plan and why, change nothing')
      .addOption(waitLockOption())
      .action(run(async () => (await import('../actions/up.ts')).upAction)),
    ['apictl up', 'everything that fits this machine'],
    ['apictl up --profile core --timings', 'the gateway alone, and what took how long'],
    ['apictl --project second up --free-ports', 'a stack beside another one, from a folder of its own'],
    ['apictl up kong --dry-run', 'what would be done for kong, and why'],
  );
