import type { Command } from 'commander';
import { dump } from '../../app/seed/dump.ts';
import { type SeedResult, seedFrom, seedInput, seedingAlone, seedPreview } from '../../app/seed/seed.ts';
import { verify } from '../../app/seed/verify.ts';
import { EXIT } from '../../core/errors.ts';
import { seedPlan, seedValidate } from '../../kong/seed.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { seedDiffText, seedText } from '../report/seed-text.ts';
import { kongOptions, proxyOf, type SeedFlags, seedOptions } from './seed-options.ts';

interface DumpFlags extends SeedFlags {
  readonly all?: boolean;
  readonly output?: string;
  readonly withSecrets?: boolean;
}

/** What stands before the name of a command belongs to the group: together they are the options. */
const withGroup =
  <Flags extends SeedFlags, Result>(action: (context: Context, flags: Flags) => Result) =>
  (context: Context, _own: Flags, command: Command): Result =>
    action(context, command.optsWithGlobals<Flags>());

export const seedApply = withGroup(apply);
export const seedDiff = withGroup(diff);
export const seedValidation = withGroup(validate);
export const seedDump = withGroup(dumpTo);

async function apply(context: Context, flags: SeedFlags) {
  const { world } = context;
  const project = await openProject(context);
  const options = await seedOptions(context, project, flags);
  const proxy = flags.verify === true ? await proxyOf(context, project, flags) : undefined;
  if (flags.dryRun === true) {
    printResult(context, seedPreview(await seedPlan(await seedInput(world, project, options))), seedDiffText);
    return EXIT.ok;
  }
  const { input, seeded } = await seedingAlone(world, project, options, async () => {
    const read = await seedInput(world, project, options);
    return { input: read, seeded: await seedFrom(world, read, options) };
  });
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
