import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESULT_SHAPES } from '../../src/cli/result-shapes.ts';
import { AWKWARD_TEXT } from '../unit/stack/render/matrix.ts';
import { makeProject, type TestProject } from './support/project.ts';

/** Intent: whatever a user calls a folder, a value or a secret, it arrives in the containers byte for byte. */

const PASSWORD = `p@$$w0rd \${HOME} #x"'y\\ %s &;|<>() {{ }} : - ü`;

let project: TestProject;
const container = (service: string) => `${project.name}-${service}-1`;
const inside = async (service: string, ...argv: string[]) =>
  (await execa('docker', ['exec', container(service), ...argv], { encoding: 'buffer' })).stdout;
const url = (port: string, scheme = 'http') => `${scheme}://127.0.0.1:${project.ports[port]}/`;

/** Service -> container id. */
async function containers(): Promise<Record<string, string>> {
  const { stdout } = await execa('docker', [
    'ps',
    '--all',
    '--no-trunc',
    `--filter=label=com.docker.compose.project=${project.name}`,
    '--format={{.Label "com.docker.compose.service"}} {{.ID}}',
  ]);
  return Object.fromEntries(stdout.split('\n').map((line) => line.split(' ')));
}

/** Fingerprint of the certificate that the proxy shows, once the local authority has vouched for it. */
async function offered(): Promise<string> {
  const ca = await readFile(join(project.root, 'secrets', 'certs', 'ca', 'ca.crt'));
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: project.ports.proxyTls ?? 0, ca }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.end();
    });
    socket.once('error', reject);
  });
}

beforeAll(async () => {
  project = await makeProject('awkward', { folder: `it's a "q" $HOME & #1; (ü)` });
  await project.configure({ backends: { replicas: 2, environment: AWKWARD_TEXT } });
  const values = join(project.root, 'secrets', 'values');
  await mkdir(values, { recursive: true, mode: 0o700 });
  await writeFile(join(values, 'postgres-password'), PASSWORD, { mode: 0o444 });
  const up = await project.apictl('up');
  expect(up.exitCode, up.stderr).toBe(0);
});
afterAll(() => project.destroy());

describe('a stack in an awkwardly named folder, with awkward values', () => {
  it('hands the backends their environment byte for byte', async () => {
    const program = 'import json, os; print(json.dumps(dict(os.environ)))';
    const environment = JSON.parse(
      Buffer.from(await inside('backend-1', 'python3', '-c', program)).toString(),
    );
    for (const [name, value] of Object.entries(AWKWARD_TEXT))
      expect([name, environment[name]]).toEqual([name, value]);
  });

  it('opens its database with a password of odd bytes, and shows it nowhere', async () => {
    expect(await project.secret('postgres-password')).toBe(PASSWORD);
    for (const service of ['postgres', 'kong', 'postgres-exporter'])
      expect(Buffer.from(await inside(service, 'cat', '/run/secrets/postgres-password')).toString()).toBe(
        PASSWORD,
      );
    const { stdout } = await execa('docker', ['inspect', ...Object.values(await containers())]);
    expect(stdout).not.toContain('w0rd');
    expect(await readFile(join(project.root, '.apictl', 'compose.yaml'), 'utf8')).not.toContain('w0rd');
  });

  it.each([
    ['proxy', 404, 'no Route matched'],
    ['admin', 200, 'development gateway'],
    ['manager', 200, '<title>apictl development gateway'],
    ['logging', 404, ''],
    ['loggingAdmin', 200, ''],
    ['prometheus', 302, ''],
    ['alertmanager', 200, 'Alertmanager'],
  ])('answers on its port %s', async (port, status, text) => {
    const response = await fetch(url(port), { redirect: 'manual' });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(text);
  });

  it.each(['proxyTls', 'adminTls'])(
    'answers on its port %s with a certificate of its authority',
    async (port) => {
      const authority = join(project.root, 'secrets', 'certs', 'ca', 'ca.crt');
      const { exitCode } = await execa('curl', [
        '-sS',
        '--cacert',
        authority,
        '-o',
        '/dev/null',
        url(port, 'https'),
      ]);
      expect(exitCode).toBe(0);
    },
  );

  it('has nothing to do at a second up', async () => {
    const before = await containers();
    const up = await project.apictl('up', '--json');
    expect(up.exitCode, up.stderr).toBe(0);
    expect(new Set(JSON.parse(up.stdout).services.map(({ action }: { action: string }) => action))).toEqual(
      new Set(['unchanged']),
    );
    expect(await containers()).toEqual(before);
  });

  it.each([
    ...['status', 'up', 'seed', 'smoke', 'doctor', 'graph', 'render', 'render --check'],
    ...['images ls', 'images build', 'secrets ls', 'certs ls', 'certs trust'],
  ])('prints with "%s --json" the shape of docs/commands.md and nothing else', async (words) => {
    const { stdout, stderr } = await project.apictl(...words.split(' '), '--json');
    const document = JSON.parse(stdout);
    // What no schema knows of is left out by it, at any depth.
    expect(RESULT_SHAPES[words.replace(' --check', '')]?.parse(document), stderr).toEqual(document);
  });

  it('makes no container anew when the certificate of its proxy is, even if its folder was, and shows the new one', async () => {
    const before = await containers();
    const old = await offered();
    // What is missing is issued anew, as what is near its end.
    await rm(join(project.root, 'secrets', 'certs', 'proxy'), { recursive: true });
    const up = await project.apictl('up');
    expect(up.exitCode, up.stderr).toBe(0);
    expect(await containers()).toEqual(before);
    expect(await offered()).not.toBe(old);
  });
});
