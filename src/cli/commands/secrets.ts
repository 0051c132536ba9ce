import type { Register } from '../program.ts';

export const registerSecrets: Register = (program, run) => {
  const secrets = program
    .command('secrets')
    .description('the generated secrets: names and ages, a value on demand');
  secrets
    .command('ls')
    .description('every secret: what it opens, its state and age; never a value')
    .action(run(async () => (await import('../actions/secrets.ts')).secretsLs));
  secrets
    .command('show <name>')
    .description('the value of one secret; on a terminal, or with --yes')
    .action(run(async () => (await import('../actions/secrets.ts')).secretsShow));
};
