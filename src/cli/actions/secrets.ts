import { holdingLock } from '../../app/project/session.ts';
import { initSecrets } from '../../app/secrets/init.ts';
import { rotate } from '../../app/secrets/rotate.ts';
import { verifySecrets } from '../../app/secrets/verify.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { writeSecret } from '../../secrets/apply.ts';
import { secretsOf } from '../../secrets/model.ts';
import { readSecret, readSecretStates, specOf } from '../../secrets/read.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { age } from '../report/durations.ts';
import { initText, rotatedText, rotationPlanText, verifiedText } from '../report/secrets.ts';
import { table } from '../report/table.ts';

export const secretsLs = async (context: Context) => {
  const { root, config } = await openProject(context);
  const states = await readSecretStates(context.world.files, root, secretsOf(config));
  const nowMs = context.world.clock.now();
  const rows = states.map(({ name, opens, state, modifiedMs, path }) => ({
    name,
    opens,
    state,
    ageSeconds: modifiedMs === null ? null : Math.max(0, Math.floor((nowMs - modifiedMs) / 1000)),
    path,
  }));
  printResult(context, { secrets: rows }, (result, paint) =>
    table(
      ['SECRET', 'STATE', 'AGE', 'OPENS'],
      result.secrets.map(({ name, state, ageSeconds, opens }) => [
        name,
        state === 'present' ? state : paint.red(state),
        ageSeconds === null ? '-' : age(ageSeconds),
        opens,
      ]),
      paint,
    ),
  );
  return EXIT.ok;
};

export const secretsShow = async (context: Context, name: string) => {
  const { root, config } = await openProject(context);
  // Read first: a name that does not exist is the nearer problem.
  specOf(secretsOf(config), name);
  const secret = await readSecret(context.world.files, root, name);
  if (!context.isInteractive && context.globals.yes !== true) throw notShown(name);
  printResult(context, { name, value: secret.reveal() }, ({ value }) => value);
  return EXIT.ok;
};

/** Values that data or other services hold too: a new file alone would lock everybody out. */
export const secretsSet = async (context: Context, name: string) => {
  const project = await openProject(context);
  const { bytes } = specOf(secretsOf(project.config), name);
  if (bytes !== null) throw notSettable(name);
  const value = await context.readSecret(`Value of ${name}:`);
  // A backup or a restore under way has the secrets as they were.
  await holdingLock(context.world, project, { command: 'secrets set', waitSeconds: 0 }, () =>
    writeSecret(context.world.files, project.root, name, value),
  );
  printResult(context, { name }, () => `${name} is set; "apictl up" hands it to the services that read it`);
  return EXIT.ok;
};

export const secretsInit = async (context: Context) => {
  printResult(context, await initSecrets(context.world, await openProject(context)), initText);
  return EXIT.ok;
};

export const secretsVerify = async (context: Context, flags: { readonly maxAge?: number }) => {
  const maxAgeDays = flags.maxAge ?? null;
  const result = await verifySecrets(context.world, await openProject(context), { maxAgeDays });
  printResult(context, result, verifiedText);
  return result.findings.length === 0 ? EXIT.ok : EXIT.secrets;
};

interface RotateFlags {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly overlap: number;
  readonly waitLock: number;
}

export const secretsRotate = async (context: Context, names: readonly string[], flags: RotateFlags) => {
  const project = await openProject(context);
  if ((flags.all === true) === names.length > 0) throw notSaidWhich();
  const result = await rotate(context.world, project, {
    names: flags.all === true ? null : names,
    dryRun: flags.dryRun === true,
    keyOverlapSeconds: flags.overlap,
    waitLockSeconds: flags.waitLock,
  });
  if ('plan' in result) printResult(context, result.plan, rotationPlanText);
  else printResult(context, result, rotatedText);
  return EXIT.ok;
};

const notSaidWhich = () =>
  new ApictlError({
    code: 'ARGUMENT_MISSING',
    exitCode: EXIT.usage,
    message: 'say which secrets to rotate, by their names or with --all',
    hint: 'See "apictl secrets ls"; --dry-run shows what would be done.',
  });

const notSettable = (name: string) =>
  new ApictlError({
    code: 'SECRET_GENERATED',
    exitCode: EXIT.usage,
    message: `${name} is generated, and services hold its value already`,
    object: `secret ${name}`,
    hint: 'Only secrets that apictl.yaml names can be set, as those of alerting.receivers.',
  });

const notShown = (name: string) =>
  new ApictlError({
    code: 'SECRET_NOT_SHOWN',
    exitCode: EXIT.usage,
    message: `the value of ${name} would go into a pipe or a log, so it is not shown`,
    object: `secret ${name}`,
    hint: `Use a terminal, or say "apictl secrets show ${name} --yes".`,
  });
