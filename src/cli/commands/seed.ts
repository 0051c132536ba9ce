import type { Command } from 'commander';
import { type SeedResult, seedFrom, seedInput, seedPreview } from '../../app/seed.ts';
import { dump } from '../../app/seed-dump.ts';
import { verify } from '../../app/seed-verify.ts';
import { EXIT } from '../../core/errors.ts';
import { seedPlan, seedValidate } from '../../kong/seed.ts';
import { type Context, openProject, printResult } from '../context.ts';
import type { Register } from '../program.ts';
import { seedDiffText, seedText } from '../report/seed-text.ts';
import {
  kongOptions,
  proxyOf,
  type SeedFlags,
  seedOptions,
  withApplying,
  withFiles,
  withKong,
  withPruning,
} from './seed-options.ts';

interface DumpFlags extends SeedFlags {
  readonly all?: boolean;
  readonly output?: string;
  readonly withSecrets?: boolean;
}

export const registerSeed: Register = (program, run) => {
  const group = withApplying(program.command('seed')).description(
    'make Kong match kong/kong.yaml; a second run sends no write',
  );
  group.action(run((context: Context, flags: SeedFlags) => apply(context, flags)));
  // What stands before the name of a command belongs to the group: together they are the options.
  const flagsOf = <Flags extends SeedFlags>(command: Command): Flags => command.optsWithGlobals<Flags>();
  withApplying(group.command('apply'))
    .description('the same as seed alone')
    .action(run((context: Context, _own: SeedFlags, command: Command) => apply(context, flagsOf(command))));
  withPruning(withKong(withFiles(group.command('diff'))))
    .description('what would change and in which direction; writes nothing')
    .option('--exit-code', 'exit code 2 when something differs')
    .action(run((context: Context, _own: SeedFlags, command: Command) => diff(context, flagsOf(command))));
  withKong(withFiles(group.command('validate')))
    .description('every entity against Kong’s schemas; writes nothing')
    .action(
      run((context: Context, _own: SeedFlags, command: Command) => validate(context, flagsOf(command))),
    );
  withKong(group.command('dump'))
    .description('Kong’s state in the same format; secrets as placeholders that decK and apictl fill in')
    .option('--all', 'also what is not ours')
    .option('--output <file>', 'write it there instead of printing it')
    .option('--with-secrets', 'secrets in clear, in a file that only its owner can read; needs --output')
    .action(run((context: Context, _own: DumpFlags, command: Command) => dumpTo(context, flagsOf(command))));
};

async function apply(context: Context, flags: SeedFlags) {
  const { world } = context;
  const project = await openProject(context);
  const options = await seedOptions(context, project, flags);
  const proxy = flags.verify === true ? await proxyOf(context, project, flags) : undefined;
  const input = await seedInput(world, project, options);
  if (flags.dryRun === true) {
    printResult(context, seedPreview(await seedPlan(input)), seedDiffText);
    return EXIT.ok;
  }
  const seeded = await seedFrom(world, input, options);
  const result: SeedResult =
    proxy === undefined ? seeded : { ...seeded, verified: await verify(project, input, proxy) };
  printResult(context, result, seedText);
  return (result.verified?.failures ?? 0) > 0 ? EXIT.unhealthy : EXIT.ok;
}

async function diff(context: Context, flags: SeedFlags) {
  const project = await openProject(context);
  const options = await seedOptions(context, project, flags);
  const plan = await seedPlan(await seedInput(context.world, project, options));
  printResult(context, seedPreview(plan), seedDiffText);
  return flags.exitCode === true && plan.changes.length > 0 ? EXIT.different : EXIT.ok;
}

async function validate(context: Context, flags: SeedFlags) {
  const project = await openProject(context);
  const options = await seedOptions(context, project, flags);
  const result = await seedValidate(await seedInput(context.world, project, options));
  printResult(context, result, ({ entities }) => `all ${entities} entities are valid`);
  return EXIT.ok;
}

async function dumpTo(context: Context, flags: DumpFlags) {
  const project = await openProject(context);
  const result = await dump(context.world, project, {
    ...(await kongOptions(context, project, flags)),
    all: flags.all === true,
    output: flags.output,
    withSecrets: flags.withSecrets === true,
  });
  printResult(context, result, ({ entities, output, text }) =>
    output === null ? (text ?? '').trimEnd() : `${entities} entities in ${output}`,
  );
  return EXIT.ok;
}
