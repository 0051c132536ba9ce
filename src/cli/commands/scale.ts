import { Option } from 'commander';
import { withExamples } from '../examples.ts';
import { waitLockOption, wholeNumber } from '../options.ts';
import type { Register } from '../program.ts';

export const registerScale: Register = (program, run) =>
  withExamples(
    program
      .command('scale <service=replicas>')
      .description('run so many backends from now on, without a failed request')
      .addOption(
        new Option('--timeout <seconds>', 'until all are healthy').argParser(wholeNumber(1)).default(600),
      )
      .option('--dry-run', 'print the plan and why, change nothing')
      .addOption(waitLockOption())
      .action(run(async () => (await import('../actions/scale.ts')).scaleAction)),
    ['apictl scale backend=5', 'five backends; apictl.yaml says so from now on'],
    ['apictl scale backend=2 --dry-run', 'what would be drained and removed'],
  );
