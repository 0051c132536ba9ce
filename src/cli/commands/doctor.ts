import { doctor } from '../../app/doctor.ts';
import { EXIT } from '../../core/errors.ts';
import { type Context, openProject, printResult } from '../context.ts';
import type { Register } from '../program.ts';
import { checksText } from '../report/checks.ts';

export const registerDoctor: Register = (program, run) => {
  program
    .command('doctor')
    .description(
      'what stands in the way: engine, Compose, ports and who holds them, memory, disk, secrets, certificates',
    )
    .action(
      run(async (context: Context) => {
        const result = await doctor(context.world, await openProject(context));
        printResult(context, result, checksText);
        return result.checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.different;
      }),
    );
};
