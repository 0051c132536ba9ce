import { withExamples } from '../examples.ts';
import type { Register } from '../program.ts';

export const registerSecrets: Register = (program, run) => {
  const secrets = withExamples(
    program.command('secrets').description('the generated secrets: names and ages, a value on demand'),
    ['apictl secrets ls', 'what there is and how old it is'],
  );
  withExamples(
    secrets
      .command('ls')
      .description('every secret: what it opens, its state and age; never a value')
      .action(run(async () => (await import('../actions/secrets.ts')).secretsLs)),
    ['apictl secrets ls', 'what there is and how old it is'],
  );
  withExamples(
    secrets
      .command('show <name>')
      .description('the value of one secret; on a terminal, or with --yes')
      .action(run(async () => (await import('../actions/secrets.ts')).secretsShow)),
    ['apictl secrets show grafana-admin-password', 'the login of Grafana'],
    ['curl -H "apikey: $(apictl secrets show partner-api-key --yes)" ...', 'in a script'],
  );
  withExamples(
    secrets
      .command('set <name>')
      .description('write the value of one secret: asked for on a terminal, else read from standard input')
      .action(run(async () => (await import('../actions/secrets.ts')).secretsSet)),
    ['apictl secrets set alert-slack-url', 'type or paste it, unseen'],
    ['pass show slack | apictl secrets set alert-slack-url', 'from a password manager'],
  );
};
