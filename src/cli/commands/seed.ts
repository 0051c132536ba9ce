import type { Command } from 'commander';
import {
  DEFAULT_SEED,
  type SeedOptions,
  type SeedResult,
  seed,
  seedInput,
  seedPreview,
} from '../../app/seed.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { seedPlan, seedValidate } from '../../kong/seed.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { type Register, wholeNumber } from '../program.ts';

interface Flags {
  readonly file?: readonly string[];
  readonly adminUrl?: string;
  readonly header?: readonly string[];
  readonly ca?: string;
  readonly prune: boolean;
  readonly maxDeletes?: number;
  readonly allowMassDelete?: boolean;
  readonly parallelism?: number;
  readonly timeout?: number;
  readonly dryRun?: boolean;
  readonly exitCode?: boolean;
}

const collect = (text: string, earlier: readonly string[] | undefined): string[] => [
  ...(earlier ?? []),
  text,
];

const withSource = (command: Command): Command =>
  command
    .option('--file <file>', 'declared state; several times for several files', collect)
    .option('--admin-url <url>', 'another Kong’s Admin API')
    .option('--header <name:value>', 'sent with every request', collect)
    .option('--ca <file>', 'authority of an https Admin API')
    .option('--no-prune', 'delete nothing')
    .option('--parallelism <n>', 'requests at a time', wholeNumber('--parallelism', 1))
    .option('--timeout <seconds>', 'for everything', wholeNumber('--timeout', 1));

export const registerSeed: Register = (program, run) => {
  const group = withSource(program.command('seed'))
    .description('make Kong match kong/kong.yaml; a second run sends no write')
    .option('--max-deletes <n>', 'refuse more deletions', wholeNumber('--max-deletes'))
    .option('--allow-mass-delete', 'delete also more than 30 % of what is ours')
    .option('--dry-run', 'only say what would change');
  const apply = run(async (context: Context, flags: Flags) => {
    const project = await openProject(context);
    const options = await optionsOf(context, flags);
    const result =
      flags.dryRun === true
        ? seedPreview(await seedPlan(await seedInput(context.world, project, options)))
        : await seed(context.world, project, options);
    printResult(context, result, seedText);
    return EXIT.ok;
  });
  group.action(apply);
  withSource(group.command('diff'))
    .description('what would change and in which direction')
    .option('--exit-code', 'exit code 2 when something differs')
    .action(
      run(async (context: Context, _own: Flags, command: Command) => {
        const flags = command.optsWithGlobals<Flags>();
        const project = await openProject(context);
        const plan = await seedPlan(await seedInput(context.world, project, await optionsOf(context, flags)));
        printResult(context, seedPreview(plan), seedText);
        return flags.exitCode === true && plan.changes.length > 0 ? EXIT.different : EXIT.ok;
      }),
    );
  withSource(group.command('validate'))
    .description('every entity against Kong’s schemas; no writes')
    .action(
      run(async (context: Context, _own: Flags, command: Command) => {
        const flags = command.optsWithGlobals<Flags>();
        const project = await openProject(context);
        const result = await seedValidate(
          await seedInput(context.world, project, await optionsOf(context, flags)),
        );
        printResult(context, result, ({ entities }) => `all ${entities} entities are valid`);
        return EXIT.ok;
      }),
    );
};

async function optionsOf(context: Context, flags: Flags): Promise<SeedOptions> {
  return {
    ...DEFAULT_SEED,
    files: flags.file ?? [],
    prune: flags.prune,
    maxDeletes: flags.maxDeletes,
    allowMassDelete: flags.allowMassDelete === true,
    parallelism: flags.parallelism,
    ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout * 1000 }),
    ...(flags.adminUrl === undefined ? {} : { admin: await addressOf(context, flags.adminUrl, flags) }),
  };
}

async function addressOf(context: Context, url: string, { header = [], ca }: Flags) {
  if (!/^https?:\/\//.test(url)) throw usage('--admin-url', `is no http or https URL: "${url}"`);
  const headers = header.map((text) => {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(text) ?? [];
    // The text is not shown: it is likely to hold a token.
    if (name === undefined || value === undefined) throw usage('--header', 'is not of the form NAME:VALUE');
    return [name, value] as const;
  });
  const authority = ca === undefined ? null : await context.world.files.read(ca);
  if (ca !== undefined && authority === null) throw usage('--ca', `names no file: ${ca}`);
  return {
    url: url.replace(/\/$/, ''),
    headers: Object.fromEntries(headers),
    ...(authority === null ? {} : { ca: authority.toString('utf8') }),
  };
}

const usage = (option: string, text: string) =>
  new ApictlError({
    code: 'OPTION_INVALID',
    exitCode: EXIT.usage,
    message: `${option} ${text}`,
    object: option,
  });

function seedText({ created, updated, deleted, unchanged, changes }: SeedResult): string {
  const signs = { create: '+', update: '~', delete: '-' } as const;
  const lines = changes.flatMap(({ action, kind, name, fields }) => [
    `${signs[action]} ${kind} ${name}`,
    ...(action === 'update'
      ? Object.entries(fields).map(
          ([path, { from, to }]) => `    ${path}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`,
        )
      : []),
  ]);
  return [
    ...lines,
    `${created} created, ${updated} updated, ${deleted} deleted, ${unchanged} unchanged`,
  ].join('\n');
}
