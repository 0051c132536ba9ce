import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import { notEmpty, wholeNumber } from '../options.ts';
import type { Register } from '../program.ts';

const collect = (text: string, earlier: readonly string[] | undefined): string[] => [
  ...(earlier ?? []),
  notEmpty(text),
];

/** How Kong is reached. */
const withKong = (command: Command): Command =>
  command
    .option('--admin-url <url>', 'another Kong’s Admin API')
    .option(
      '--header <name:value>',
      'sent with every request to the Admin API; several times for several',
      collect,
    )
    .option('--ca <file>', 'authority of an https Admin API', notEmpty)
    .option('--parallelism <n>', 'requests at a time (default: 20)', wholeNumber(1))
    .option('--timeout <seconds>', 'for everything (default: 120)', wholeNumber(1));

/** What is declared. */
const withFiles = (command: Command): Command =>
  command.option(
    '--file <path>',
    'declared state, a file or a folder; several times for several (default: kong/kong.yaml)',
    collect,
  );

const withPruning = (command: Command): Command =>
  command
    .option('--prune', 'delete what is ours and in no file (default)')
    .option('--no-prune', 'delete nothing');

const withApplying = (command: Command): Command =>
  withPruning(withKong(withFiles(command)))
    .option('--max-deletes <n>', 'refuse more deletions', wholeNumber())
    .option('--allow-mass-delete', 'delete also more than 30 % of what is ours, or more than --max-deletes')
    .option('--verify', 'then send real requests to every route')
    .option('--proxy-url <url>', 'for --verify with --admin-url: that Kong’s proxy')
    .option('--proxy-tls-url <url>', 'the same for its TLS port')
    // Without a default: that of the group would win over what is given to the command.
    .option('--wait-lock <seconds>', 'wait for another apictl to end (default: 0)', wholeNumber())
    .option('--dry-run', 'only say what would change');

export const registerSeed: Register = (program, run) => {
  const apply = run(async () => (await import('../actions/seed.ts')).seedApply);
  const group = withExamples(
    withApplying(program.command('seed'))
      .description('make Kong match kong/kong.yaml; a second run sends no write')
      .action(apply),
    ['apictl seed', 'declare kong/kong.yaml to Kong'],
    ['apictl seed --verify', 'then prove every route with real requests'],
  );
  withExamples(withApplying(group.command('apply')).description('the same as seed alone').action(apply), [
    'apictl seed apply --dry-run',
    'what would change',
  ]);
  withExamples(
    withPruning(withKong(withFiles(group.command('diff'))))
      .description('what would change and in which direction; writes nothing')
      .option('--exit-code', 'exit code 2 when something differs')
      .action(run(async () => (await import('../actions/seed.ts')).seedDiff)),
    ['apictl seed diff', 'what differs, and on which side'],
    ['apictl seed diff --exit-code', 'in CI: 2 when something differs'],
  );
  withExamples(
    withKong(withFiles(group.command('validate')))
      .description('every entity against Kong’s schemas; writes nothing')
      .action(run(async () => (await import('../actions/seed.ts')).seedValidation)),
    ['apictl seed validate --file kong/', 'every file of a folder, nothing written'],
  );
  withExamples(
    withKong(group.command('dump'))
      .description('Kong’s state in the same format; secrets as placeholders that decK and apictl fill in')
      .option('--all', 'also what is not ours')
      .option('--output <file>', 'write it there instead of printing it', notEmpty)
      .option('--with-secrets', 'secrets in clear, in a file that only its owner can read; needs --output')
      .action(run(async () => (await import('../actions/seed.ts')).seedDump)),
    ['apictl seed dump', 'what we declared, as Kong has it'],
    ['apictl seed dump --all --output kong.yaml', 'everything, into a file'],
  );
};
