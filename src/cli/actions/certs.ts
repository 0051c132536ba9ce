import { authorityPath, wantedCertificates } from '../../certs/model.ts';
import { daysLeft } from '../../certs/plan.ts';
import { readCertificates } from '../../certs/read.ts';
import { trustSteps } from '../../certs/trust.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { table } from '../report/table.ts';

export const certsLs = async (context: Context) => {
  const { root, config } = await openProject(context);
  const wanted = wantedCertificates(config);
  const found = await readCertificates(context.world, root, wanted);
  const nowMs = context.world.clock.now();
  const all = [{ name: 'ca', certificate: found.authority.certificate }, ...found.leaves];
  const rows = all.map(({ name, certificate }) => ({
    name,
    door: name === 'ca' ? 'signs all others' : (wanted.find((want) => want.name === name)?.door ?? ''),
    ...(certificate === null || certificate === 'unreadable'
      ? { state: certificate ?? 'missing', hosts: [], notAfter: null, daysLeft: null }
      : {
          state: certificate.notAfter.getTime() > nowMs ? 'valid' : 'expired',
          hosts: certificate.hosts,
          notAfter: certificate.notAfter.toISOString(),
          daysLeft: daysLeft(certificate, nowMs),
        }),
  }));
  printResult(context, { certificates: rows }, (result, paint) =>
    table(
      ['CERTIFICATE', 'STATE', 'DAYS LEFT', 'HOSTS', 'DOOR'],
      result.certificates.map((row) => [
        row.name,
        row.state === 'valid' ? row.state : paint.red(row.state),
        String(row.daysLeft ?? '-'),
        row.hosts.join(', '),
        row.door,
      ]),
      paint,
    ),
  );
  return EXIT.ok;
};

export const certsTrust = async (context: Context) => {
  const { root, config } = await openProject(context);
  const path = authorityPath(root);
  if ((await context.world.files.read(path)) === null) throw missing(path);
  const steps = trustSteps(path, config.ports.proxyTls);
  printResult(context, { authority: path, steps }, (result) =>
    result.steps.map(({ client, command }) => `${client}\n  ${command}`).join('\n'),
  );
  return EXIT.ok;
};

const missing = (path: string) =>
  new ApictlError({
    code: 'CA_MISSING',
    exitCode: EXIT.secrets,
    message: `there is no local certificate authority yet: ${path}`,
    object: 'certificate ca',
    hint: 'Run "apictl up", which makes it.',
  });
