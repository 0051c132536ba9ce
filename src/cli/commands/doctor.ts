import type { Register } from '../program.ts';

export const registerDoctor: Register = (program, run) =>
  program
    .command('doctor')
    .description(
      'what stands in the way: engine, Compose, ports and who holds them, memory, disk, secrets, certificates',
    )
    .action(run(async () => (await import('../actions/doctor.ts')).doctorAction));
