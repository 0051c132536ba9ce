import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tlsHandshakes } from '../../src/adapters/handshakes.ts';
import { peculiarX509 as x509 } from '../../src/adapters/x509.ts';
import { authorityPath, certificatePath } from '../../src/certs/model.ts';
import { makeCertificate } from '../fakes/certificate-maker.ts';
import { eventually, makeProject, type TestProject } from './support/project.ts';
import { beginTlsLoad } from './support/tls-load.ts';

/** Port -> certificate. */
const DOORS = {
  proxyTls: 'proxy',
  adminTls: 'admin',
  manager: 'manager',
  loggingAdmin: 'logging',
  prometheus: 'prometheus',
  alertmanager: 'alertmanager',
};

let project: TestProject;

beforeAll(async () => {
  project = await makeProject('certs');
  const doors = { manager: true, loggingAdmin: true, prometheus: true, alertmanager: true };
  await project.configure({ backends: { replicas: 1 }, tls: { doors, internal: true } });
  const { exitCode, stderr } = await project.apictl('up');
  expect(exitCode, stderr).toBe(0);
});

afterAll(() => project.destroy());

const fileSerial = async (name: string): Promise<string> =>
  x509.read(await readFile(certificatePath(project.root, name), 'utf8')).serialNumber;
const shownSerial = async (port: string): Promise<string> =>
  (await tlsHandshakes.shown({ host: '127.0.0.1', port: project.ports[port] ?? 0, timeoutMs: 5_000 }))
    .serialNumber;

describe('certificates of a running stack', () => {
  it('are renewed under load without a failed request or a dropped connection, and shown at once', async () => {
    const before = await shownSerial('proxyTls');
    const load = beginTlsLoad({
      port: project.ports.proxyTls ?? 0,
      path: '/healthz',
      ca: await readFile(authorityPath(project.root), 'utf8'),
      clients: 4,
    });
    const renewed = await project.apictl('certs', 'renew', '--force', '--json');
    const { answered, failures, connections } = await load.end();
    expect(renewed.exitCode, renewed.stderr).toBe(0);
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(50);
    expect(connections).toBe(4);
    expect(await shownSerial('proxyTls')).not.toBe(before);
    for (const [port, name] of Object.entries(DOORS)) {
      expect(await shownSerial(port), name).toBe(await fileSerial(name));
    }
  });

  it('that were renewed are no reason for up to touch a container', async () => {
    const { stdout, exitCode } = await project.apictl('up', '--json');
    expect(exitCode).toBe(0);
    const { services } = JSON.parse(stdout) as { services: { name: string; action: string }[] };
    expect(services.filter(({ action }) => action !== 'unchanged')).toEqual([]);
  });

  it('are what every command verifies the doors with', async () => {
    const smoke = await project.apictl('smoke');
    expect(smoke.exitCode, smoke.stdout).toBe(0);
    const alerts = await project.apictl('alerts', 'ls', '--json');
    expect(alerts.exitCode, alerts.stderr).toBe(0);
    const logs = await project.apictl('logs', '--store', '--tail', '1');
    expect(logs.exitCode, logs.stderr).toBe(0);
    const status = await project.apictl('status', '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({ state: 'healthy', certificates: { length: 8 } });
  });

  it('are what PostgreSQL is spoken to with', async () => {
    const query =
      'SELECT count(*) FILTER (WHERE ssl), count(*) FILTER (WHERE NOT ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL';
    const psql = ['exec', `${project.name}-postgres-1`, 'psql', '-U', 'kong', '-Atc', query];
    const { stdout } = await execa('docker', psql);
    const [encrypted = 0, plain] = stdout.split('|').map(Number);
    expect(encrypted).toBeGreaterThan(0);
    expect(plain).toBe(0);
  });

  it('are what PostgreSQL insists on: who does not encrypt is refused before a password is asked for', async () => {
    const login = async (sslmode: string) => {
      const address = `host=127.0.0.1 user=kong dbname=kong sslmode=${sslmode}`;
      const shell = 'PGPASSWORD=$(cat /run/secrets/postgres-password) psql "$1" -Atc "select 1"';
      const command = ['exec', `${project.name}-postgres-1`, 'sh', '-c', shell, 'login', address];
      const { stdout, stderr } = await execa('docker', command, { reject: false });
      return stdout || stderr;
    };
    expect(await login('require')).toBe('1');
    expect(await login('disable')).toContain('no encryption');
  });

  it('reach PostgreSQL, which reads its own copies, without a restart', async () => {
    const shell = 'cmp /etc/apictl/certs/postgres/tls.crt /tmp/tls.crt && psql -U kong -Atc "$1"';
    const reloaded = "SELECT pg_conf_load_time() > pg_postmaster_start_time() + interval '1 second'";
    await eventually('PostgreSQL has the renewed certificate', async () => {
      const command = ['exec', `${project.name}-postgres-1`, 'sh', '-c', shell, 'look', reloaded];
      expect((await execa('docker', command)).stdout).toBe('t');
    });
  });

  it('of the user’s own are shown, left alone by a renewal, and given up again', async () => {
    const authority = await makeCertificate({ subject: 'company', isAuthority: true });
    const own = await makeCertificate({
      subject: 'own',
      issuer: authority,
      hosts: ['localhost', 'api.shop.test'],
    });
    const files = { 'own.crt': own.cert, 'own.key': own.key, 'company.crt': authority.cert };
    for (const [name, text] of Object.entries(files)) await writeFile(join(project.root, name), text);
    const paths = ['--cert', 'own.crt', '--key', 'own.key', '--chain', 'company.crt'];
    const imported = await project.apictl('certs', 'import', 'proxy', ...paths);
    expect(imported.exitCode, imported.stderr).toBe(0);
    const { serialNumber } = x509.read(own.cert);
    expect(await shownSerial('proxyTls')).toBe(serialNumber);
    await project.apictl('certs', 'renew', '--force');
    expect(await shownSerial('proxyTls')).toBe(serialNumber);
    expect((await project.apictl('smoke')).stdout).toContain('✓ TLS verified');
    expect((await project.apictl('certs', 'check')).exitCode).toBe(0);
    expect((await project.apictl('certs', 'issue', 'proxy')).exitCode).toBe(0);
    expect(await shownSerial('proxyTls')).toBe(await fileSerial('proxy'));
  });
});
