import { ApictlError, EXIT } from '../../core/errors.ts';
import { readSecret, readSecretStates } from '../../secrets/read.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { age } from '../report/durations.ts';
import { table } from '../report/table.ts';

export const secretsLs = async (context: Context) => {
  const { root } = await openProject(context);
  const states = await readSecretStates(context.world.files, root);
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
  const { root } = await openProject(context);
  // Read first: a name that does not exist is the nearer problem.
  const secret = await readSecret(context.world.files, root, name);
  if (!context.isInteractive && context.globals.yes !== true) throw notShown(name);
  printResult(context, { name, value: secret.reveal() }, ({ value }) => value);
  return EXIT.ok;
};

const notShown = (name: string) =>
  new ApictlError({
    code: 'SECRET_NOT_SHOWN',
    exitCode: EXIT.usage,
    message: `the value of ${name} would go into a pipe or a log, so it is not shown`,
    object: `secret ${name}`,
    hint: `Use a terminal, or say "apictl secrets show ${name} --yes".`,
  });
