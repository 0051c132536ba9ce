import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LoopbackProgram, startOnLoopback } from './loopback-program.ts';
import type { TestProject } from './project.ts';

export interface RunningAlertmanager extends LoopbackProgram {
  readonly url: string;
}

/**
 * The project's Alertmanager without the rest of the stack: what "apictl render" wrote for it and the secrets that it names, in a
 * place where the test is the receivers.
 * @param logging where the stack's logging service is played, as `http://127.0.0.1:4711`
 * @param authority PEM of the certificates that it trusts
 */
export async function startAlertmanager(
  { name, root, ports }: TestProject,
  { logging, authority }: { readonly logging: string; readonly authority: string },
): Promise<RunningAlertmanager> {
  const rendered = await readFile(join(root, '.apictl/config/alertmanager/alertmanager.yml'), 'utf8');
  const configuration = join(root, 'alertmanager.yml');
  const trusted = join(root, 'authority.pem');
  await writeFile(configuration, rendered.replace('http://logging:8081', logging), { mode: 0o644 });
  await writeFile(trusted, authority, { mode: 0o644 });
  const secrets = (await readdir(join(root, 'secrets/values'))).filter((secret) =>
    secret.startsWith('alert-'),
  );
  const url = `http://127.0.0.1:${ports.alertmanager}`;
  const program = await startOnLoopback({
    name: `${name}-alertmanager`,
    image: 'alertmanager',
    program: 'prometheus-alertmanager',
    argv: [
      ...['--config.file=/etc/alertmanager/alertmanager.yml', '--storage.path=/alertmanager'],
      ...['--enable-feature=receiver-name-in-metrics', '--cluster.listen-address='],
      `--web.listen-address=${new URL(url).host}`,
    ],
    mounts: {
      [configuration]: '/etc/alertmanager/alertmanager.yml',
      [trusted]: '/authority.pem',
      ...Object.fromEntries(
        secrets.map((secret) => [join(root, 'secrets/values', secret), `/run/secrets/${secret}`]),
      ),
    },
    options: ['--tmpfs', '/alertmanager:mode=1777', '--env', 'SSL_CERT_FILE=/authority.pem'],
    readyUrl: `${url}/-/ready`,
  });
  return { ...program, url };
}
