import { resolve } from 'node:path';
import { smoke } from '../../app/smoke.ts';
import { EXIT } from '../../core/errors.ts';
import { junitXml } from '../../smoke/junit.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { type Register, wholeNumber } from '../program.ts';
import { checksText } from '../report/checks.ts';

interface Flags {
  readonly junit?: string;
  readonly budget: number;
}

export const registerSmoke: Register = (program, run) => {
  program
    .command('smoke')
    .description(
      'prove the running stack from outside: routes, balancing, TLS, authentication, metrics, logs, alerts',
    )
    .option('--junit <file>', 'write the result as JUnit XML too')
    .option('--budget <seconds>', 'for all checks', wholeNumber('--budget', 1), 120)
    .action(
      run(async (context: Context, flags: Flags) => {
        const result = await smoke(context.world, await openProject(context), flags.budget);
        if (flags.junit !== undefined) {
          const path = resolve(context.world.workingFolder, flags.junit);
          await context.world.files.write(path, junitXml(result.checks));
        }
        printResult(context, result, checksText);
        return result.checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.unhealthy;
      }),
    );
};
