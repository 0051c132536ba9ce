import { withExamples } from '../examples.ts';
import { waitLockOption, wholeNumber } from '../options.ts';
import type { Register } from '../program.ts';

export const registerDown: Register = (program, run) =>
  withExamples(
    program
      .command('down')
      .description('stop in reverse order and remove; data stays')
      .option('--volumes', 'remove the data too (asks, and says what is lost)')
      .option(
        '--timeout <seconds>',
        'seconds each container has to end (default: its own setting)',
        wholeNumber(),
      )
      .addOption(waitLockOption())
      .action(run(async () => (await import('../actions/down.ts')).downAction)),
    ['apictl down', 'stop and remove; the data stays'],
    ['apictl down --volumes', 'the data too, after a question'],
  );
