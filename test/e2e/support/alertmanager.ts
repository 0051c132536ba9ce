import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { request } from 'undici';
import { imageOf } from './monitoring-tools.ts';
import { eventually, type TestProject } from './project.ts';

export interface RunningAlertmanager {
  readonly url: string;
  /** What it has written so far. */
  logs(): Promise<string>;
  remove(): Promise<void>;
}

/** Whether there is an image to run it from. */
export const hasAlertmanager = async (): Promise<boolean> => (await imageOf('alertmanager')) !== null;

/**
 * The project's Alertmanager without the rest of the stack: the embedded image, what "apictl render" wrote for it and the secrets
 * that it names, on the machine's loopback, where the test is the receivers.
 * @param logging where the stack's logging service is played, as `http://127.0.0.1:4711`
 * @param authority PEM of the certificates that it trusts
 */
export async function startAlertmanager(
  { name, root, ports }: TestProject,
  { logging, authority }: { readonly logging: string; readonly authority: string },
): Promise<RunningAlertmanager> {
  const image = await imageOf('alertmanager');
  if (image === null) throw new Error('there is no image apictl/alertmanager');
  const rendered = await readFile(join(root, '.apictl/config/alertmanager/alertmanager.yml'), 'utf8');
  const configuration = join(root, 'alertmanager.yml');
  await writeFile(configuration, rendered.replace('http://logging:8081', logging), { mode: 0o644 });
  await writeFile(join(root, 'authority.pem'), authority, { mode: 0o644 });
  const mounts = [
    `${configuration}:/etc/alertmanager/alertmanager.yml:ro`,
    `${join(root, 'authority.pem')}:/authority.pem:ro`,
    ...(await readdir(join(root, 'secrets/values')))
      .filter((secret) => secret.startsWith('alert-'))
      .map((secret) => `${join(root, 'secrets/values', secret)}:/run/secrets/${secret}:ro`),
  ];
  const container = `${name}-alertmanager`;
  await execa('docker', [
    ...['run', '--detach', '--name', container, '--network', 'host', '--user', '65534:65534', '--read-only'],
    ...['--tmpfs', '/alertmanager:mode=1777', '--env', 'SSL_CERT_FILE=/authority.pem'],
    ...mounts.flatMap((mount) => ['--volume', mount]),
    ...['--entrypoint', 'prometheus-alertmanager', image],
    ...['--config.file=/etc/alertmanager/alertmanager.yml', '--storage.path=/alertmanager'],
    ...['--enable-feature=receiver-name-in-metrics', '--cluster.listen-address='],
    `--web.listen-address=127.0.0.1:${ports.alertmanager}`,
  ]);
  const url = `http://127.0.0.1:${ports.alertmanager}`;
  const running: RunningAlertmanager = {
    url,
    logs: async () => {
      const { stdout, stderr } = await execa('docker', ['logs', container]);
      return stdout + stderr;
    },
    remove: async () => {
      await execa('docker', ['rm', '--force', '--volumes', container]);
    },
  };
  try {
    await eventually('Alertmanager is ready', async () => {
      const { statusCode, body } = await request(`${url}/-/ready`);
      await body.dump();
      if (statusCode !== 200) throw new Error(`it answered ${statusCode}`);
    });
  } catch (thrown) {
    const logs = await running.logs();
    await running.remove();
    throw new Error(logs, { cause: thrown });
  }
  return running;
}
