import { withExamples } from '../examples.ts';
import { notEmpty, wholeNumber } from '../options.ts';
import type { Register } from '../program.ts';

export const registerSmoke: Register = (program, run) =>
  withExamples(
    program
      .command('smoke')
      .description(
        'prove the running stack from outside: routes, balancing, TLS, authentication, metrics, logs, alerts',
      )
      .option('--junit <file>', 'write the result as JUnit XML too', notEmpty)
      .option('--budget <seconds>', 'for all checks', wholeNumber(1), 120)
      .action(run(async () => (await import('../actions/smoke.ts')).smokeAction)),
    ['apictl smoke', 'prove that the stack serves'],
    ['apictl smoke --junit smoke.xml', 'the same for a CI server'],
  );
