import type { Register } from '../program.ts';

export const registerStatus: Register = (program, run) =>
  program
    .command('status')
    .description('the truth about every service, Kong’s targets, certificates, alerts and drift')
    .option('--watch', 'again every two seconds until interrupted')
    .action(run(async () => (await import('../actions/status.ts')).statusAction));
