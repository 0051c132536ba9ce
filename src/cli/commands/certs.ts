import { withExamples } from '../examples.ts';
import { notEmpty } from '../options.ts';
import type { Register } from '../program.ts';

export const registerCerts: Register = (program, run) => {
  const certs = withExamples(
    program
      .command('certs')
      .description('the certificates: validity, what is wrong with them, renewal, your own, trust'),
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
      .command('check')
      .description(
        'everything that is wrong with a certificate, and whether its door shows it; exit code 2 when anything is',
      )
      .action(run(async () => (await import('../actions/certs.ts')).certsCheck)),
    ['apictl certs check', 'in a nightly job'],
    ['apictl certs check --json', 'the findings with their codes'],
  );
  withExamples(
    certs
      .command('issue [name]')
      .description(
        'issue what is missing or unfit; with a name, issue that one anew, also in the place of your own',
      )
      .action(run(async () => (await import('../actions/certs.ts')).certsIssue)),
    ['apictl certs issue', 'make what "up" would make'],
    ['apictl certs issue proxy', 'a new one for the proxy, whatever it has'],
  );
  withExamples(
    certs
      .command('renew [names...]')
      .description('renew what is near its end or unfit, and hand it to the services that run')
      .option('--force', 'renew also what is fit')
      .action(run(async () => (await import('../actions/certs.ts')).certsRenew)),
    ['apictl certs renew', 'in a nightly job'],
    ['apictl certs renew proxy --force', 'now, whatever is left of it'],
  );
  withExamples(
    certs
      .command('import <name>')
      .description('put your own certificate at a door; "up" and "renew" leave it alone from then on')
      .requiredOption('--cert <file>', 'PEM of the certificate; its chain may stand behind it', notEmpty)
      .requiredOption('--key <file>', 'PEM of its private key, without a passphrase', notEmpty)
      .option(
        '--chain <file>',
        'PEM of the certificates between it and its authority, and that authority',
        notEmpty,
      )
      .action(run(async () => (await import('../actions/certs.ts')).certsImport)),
    ['apictl certs import proxy --cert fullchain.pem --key privkey.pem', 'as certbot writes them'],
    [
      'apictl certs import proxy --cert api.crt --key api.key --chain company-ca.pem',
      'one of your company’s authority',
    ],
  );
  withExamples(
    certs
      .command('trust')
      .description('how clients come to trust the local authority; changes nothing')
      .action(run(async () => (await import('../actions/certs.ts')).certsTrust)),
    ['apictl certs trust', 'what to type on this machine'],
  );
};
