import { Option } from 'commander';
import { withExamples } from '../examples.ts';
import { waitLockOption, wholeNumber } from '../options.ts';
import type { Register } from '../program.ts';

export const registerSecrets: Register = (program, run) => {
  const secrets = withExamples(
    program.command('secrets').description('the secrets: make, list, show, set, rotate, verify them'),
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
  withExamples(
    secrets
      .command('init')
      .description('generate what is missing without bringing anything up; what is there keeps its value')
      .action(run(async () => (await import('../actions/secrets.ts')).secretsInit)),
    ['apictl secrets init', 'before the first "apictl up", or to repair loose modes'],
  );
  withExamples(
    secrets
      .command('verify')
      .description(
        'files, modes, strength, age; every login; what each running container reads; exit code 7 with findings',
      )
      .addOption(new Option('--max-age <days>', 'older ones are a finding').argParser(wholeNumber(1)))
      .action(run(async () => (await import('../actions/secrets.ts')).secretsVerify)),
    ['apictl secrets verify', 'all in order, or what is not and what to do'],
    ['apictl secrets verify --max-age 90 --json', 'for a scheduled check'],
  );
  withExamples(
    secrets
      .command('rotate [names...]')
      .description('give secrets new values while everything runs; one that was broken off is finished first')
      .option('--all', 'every secret that can be rotated')
      .option('--dry-run', 'print the plan, change nothing')
      .addOption(
        new Option(
          '--overlap <seconds>',
          'how long the gateway takes the old key of a consumer beside the new one',
        )
          .argParser(wholeNumber())
          .default(5),
      )
      .addOption(waitLockOption())
      .action(run(async () => (await import('../actions/secrets.ts')).secretsRotate)),
    ['apictl secrets rotate postgres-password', 'set in PostgreSQL, taken by the gateway without a pause'],
    ['apictl secrets rotate --all --dry-run', 'what each one takes, and what keeps its value'],
    ['apictl secrets rotate partner-api-key --overlap 600', 'ten minutes for clients to change over'],
  );
};
