import { withExamples } from '../examples.ts';
import type { Register } from '../program.ts';

export const registerDoctor: Register = (program, run) =>
  withExamples(
    program
      .command('doctor')
      .description(
        'what stands in the way: engine, Compose, ports and who holds them, memory, disk, secrets, certificates',
      )
      .action(run(async () => (await import('../actions/doctor.ts')).doctorAction)),
    ['apictl doctor', 'every check, and what to do about it'],
    ['apictl doctor --json', 'the same for a report'],
  );
