import { withExamples } from '../examples.ts';
import type { Register } from '../program.ts';

export const registerCerts: Register = (program, run) => {
  const certs = withExamples(
    program.command('certs').description('the certificates: validity, hosts, and how to trust them'),
    ['apictl certs ls', 'what ends when'],
  );
  withExamples(
    certs
      .command('ls')
      .description('every certificate: hosts, end, days left')
      .action(run(async () => (await import('../actions/certs.ts')).certsLs)),
    ['apictl certs ls', 'what ends when'],
  );
  withExamples(
    certs
      .command('trust')
      .description('how clients come to trust the local authority; changes nothing')
      .action(run(async () => (await import('../actions/certs.ts')).certsTrust)),
    ['apictl certs trust', 'what to type on this machine'],
  );
};
