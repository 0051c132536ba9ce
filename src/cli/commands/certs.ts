import type { Register } from '../program.ts';

export const registerCerts: Register = (program, run) => {
  const certs = program
    .command('certs')
    .description('the certificates: validity, hosts, and how to trust them');
  certs
    .command('ls')
    .description('every certificate: hosts, end, days left')
    .action(run(async () => (await import('../actions/certs.ts')).certsLs));
  certs
    .command('trust')
    .description('how clients come to trust the local authority; changes nothing')
    .action(run(async () => (await import('../actions/certs.ts')).certsTrust));
};
