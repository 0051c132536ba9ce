import { checkCertificates, type JudgedCertificate } from '../../app/certs/check.ts';
import { importCertificate } from '../../app/certs/import.ts';
import { issueCertificates, type Renewal, renewCertificates } from '../../app/certs/renew.ts';
import { authorityPath, daysLeft, wantedCertificates } from '../../certs/model.ts';
import { readCertificates } from '../../certs/read.ts';
import { trustSteps } from '../../certs/trust.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { checksText } from '../report/checks.ts';
import { table } from '../report/table.ts';

export const certsLs = async (context: Context) => {
  const { root, config } = await openProject(context);
  const wanted = wantedCertificates(config);
  const found = await readCertificates(context.world, root, wanted);
  const nowMs = context.world.clock.now();
  const all = [
    { name: 'ca', origin: 'authority' as const, certificate: found.authority.certificate },
    ...found.leaves,
  ];
  const rows = all.map(({ name, origin, certificate }) => ({
    name,
    door: name === 'ca' ? 'signs all others' : (wanted.find((want) => want.name === name)?.door ?? ''),
    origin,
    ...(certificate === null || certificate === 'unreadable'
      ? { state: certificate ?? 'missing', hosts: [], serialNumber: null, notAfter: null, daysLeft: null }
      : {
          state: certificate.notAfter.getTime() > nowMs ? 'valid' : 'expired',
          hosts: certificate.hosts,
          serialNumber: certificate.serialNumber,
          notAfter: certificate.notAfter.toISOString(),
          daysLeft: daysLeft(certificate, nowMs),
        }),
  }));
  printResult(context, { certificates: rows }, (result, paint) =>
    table(
      ['CERTIFICATE', 'STATE', 'DAYS LEFT', 'HOSTS', 'DOOR'],
      result.certificates.map((row) => [
        row.name,
        (row.state === 'valid' ? row.state : paint.red(row.state)) +
          (row.origin === 'imported' ? ', imported' : ''),
        String(row.daysLeft ?? '-'),
        row.hosts.join(', '),
        row.door,
      ]),
      paint,
    ),
  );
  return EXIT.ok;
};

export const certsCheck = async (context: Context) => {
  const project = await openProject(context);
  const certificates = await checkCertificates(context.world, project, { served: true });
  const ok = certificates.every(({ findings }) => findings.length === 0);
  printResult(context, { ok, certificates }, (result, paint) =>
    checksText({ checks: result.certificates.flatMap(checksOf) }, paint),
  );
  return ok ? EXIT.ok : EXIT.different;
};

const checksOf = ({ name, daysLeft: left, findings }: JudgedCertificate) =>
  findings.length === 0
    ? [{ name, ok: true, found: `is fit, ${left} days left`, fix: '' }]
    : findings.map(({ found, fix }) => ({ name, ok: false, found, fix }));

export const certsIssue = async (context: Context, name: string | undefined) => {
  const project = await openProject(context);
  const result = await issueCertificates(context.world, project, name === undefined ? [] : [name]);
  printResult(context, result, renewalText);
  return EXIT.ok;
};

export const certsRenew = async (
  context: Context,
  names: readonly string[],
  { force = false }: { readonly force?: boolean },
) => {
  const project = await openProject(context);
  const result = await renewCertificates(context.world, project, names, force);
  printResult(context, result, renewalText);
  return EXIT.ok;
};

const renewalText = ({ issued, kept, served }: Renewal): string => {
  const shownBy = (name: string): string => {
    const door = served.find((candidate) => candidate.name === name);
    return door === undefined ? 'shown from the next "apictl up" on' : `${door.service} shows it now`;
  };
  return [
    ...issued.map(
      ({ name, why, serialNumber, daysLeft: left }) =>
        `${name}: issued (${why}), serial ${serialNumber}, ${left} days; ${shownBy(name)}`,
    ),
    ...(kept.length === 0 ? [] : [`left as they are: ${kept.join(', ')}`]),
  ].join('\n');
};

export const certsImport = async (
  context: Context,
  name: string,
  { cert, key, chain }: { readonly cert: string; readonly key: string; readonly chain?: string },
) => {
  const project = await openProject(context);
  const request = { name, certificate: cert, key, chain: chain ?? null };
  const result = await importCertificate(context.world, project, request);
  printResult(context, result, ({ hosts, authority, daysLeft: left, served }) =>
    [
      `${name}: imported, signed by "${authority}", ${left} days left, for ${hosts.join(', ')}`,
      served.some((door) => door.name === name)
        ? `${served.find((door) => door.name === name)?.service} shows it now`
        : 'shown from the next "apictl up" on',
    ].join('\n'),
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
