import { withExamples } from '../examples.ts';
import type { Register } from '../program.ts';

export const registerStatus: Register = (program, run) =>
  withExamples(
    program
      .command('status')
      .description('the truth about every service, Kong’s targets, certificates, alerts and drift')
      .option('--watch', 'again every two seconds until interrupted')
      .action(run(async () => (await import('../actions/status.ts')).statusAction)),
    ['apictl status', 'what runs, and what is wrong with what does not'],
    ['apictl status --json | jq .state', 'for scripts'],
  );
