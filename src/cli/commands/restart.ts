import { Option } from 'commander';
import { withExamples } from '../examples.ts';
import { waitLockOption, wholeNumber } from '../options.ts';
import type { Register } from '../program.ts';

export const registerRestart: Register = (program, run) =>
  withExamples(
    program
      .command('restart <services...>')
      .description('stop and start services in dependency order, and wait until they are ready')
      .option('--rolling', 'one replica after the other, without a failed request')
      .addOption(
        new Option('--timeout <seconds>', 'until all are ready').argParser(wholeNumber(1)).default(600),
      )
      .option('--dry-run', 'print the plan and why, change nothing')
      .addOption(waitLockOption())
      .action(run(async () => (await import('../actions/restart.ts')).restartAction)),
    ['apictl restart backend --rolling', 'all replicas, while the gateway serves'],
    ['apictl restart kong', 'the gateway, with an interruption'],
  );
