import { withExamples } from '../examples.ts';
import { notEmpty } from '../options.ts';
import type { Register } from '../program.ts';

export const registerDoctor: Register = (program, run) =>
  withExamples(
    program
      .command('doctor')
      .description(
        'what stands in the way: engine, Compose, ports and who holds them, memory, disk, secrets, certificates',
      )
      .option(
        '--bundle <file>',
        'write a support archive (tar.gz) instead, with every secret masked',
        notEmpty,
      )
      .action(run(async () => (await import('../actions/doctor.ts')).doctorAction)),
    ['apictl doctor', 'every check, and what to do about it'],
    ['apictl doctor --json', 'the same for a report'],
    ['apictl doctor --bundle support.tar.gz', 'for whoever is to help'],
  );
