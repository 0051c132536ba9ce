import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Certificate, Sni } from '../../../src/model/entities.ts';
import type { KeyPairs } from '../../../src/proxy/certificate-store.ts';
import { selfSignedPair } from '../../../src/proxy/self-signed.ts';
import { route, service } from '../../proxy/entities.ts';
import { serialOf } from '../../proxy/serial-of.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, keep, proxy } = startedThings();

let count = 0;
const certificate = ({ certs, keys }: KeyPairs): Certificate => {
  count += 1;
  return {
    id: `certificate-${count}`,
    created_at: 0,
    updated_at: 0,
    tags: null,
    cert: certs[0] ?? '',
    key: keys[0] ?? '',
    cert_alt: null,
    key_alt: null,
  };
};

const sni = (name: string, of: Certificate): Sni => ({
  id: `sni-${name}`,
  created_at: 0,
  updated_at: 0,
  tags: null,
  name,
  certificate: { id: of.id },
});

test('each server name gets its certificate, and an unknown one the default', async () => {
  const [exact, wildcard] = [certificate(await selfSignedPair()), certificate(await selfSignedPair())];
  const gateway = await proxy({
    certificates: [exact, wildcard],
    snis: [sni('a.example.test', exact), sni('*.example.test', wildcard)],
  });
  const serials = {
    exact: await serialOf(gateway.tlsPort, 'a.example.test'),
    wildcard: await serialOf(gateway.tlsPort, 'b.example.test'),
    other: await serialOf(gateway.tlsPort, 'other.test'),
    none: await serialOf(gateway.tlsPort, ''),
  };
  expect(new Set([serials.exact, serials.wildcard, serials.other]).size).toBe(3);
  expect(serials.none).toBe(serials.other);
  gateway.snapshots.set({ certificates: [], snis: [] });
  expect(await serialOf(gateway.tlsPort, 'a.example.test')).toBe(serials.other);
});

test('a service sees that the client came over TLS', async () => {
  const { port } = await backend();
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
  });
  const { headers } = (await gateway.call('/', { tls: { serverName: 'a.test' } })).echo();
  expect(headers).toMatchObject({
    'x-forwarded-proto': 'https',
    'x-forwarded-port': String(gateway.tlsPort),
  });
});

test('HTTP/2 requests are proxied, bodies and all', async () => {
  const { port } = await backend();
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/api'], service: { id: api.id } })],
  });
  const session = connectHttp2(`https://127.0.0.1:${gateway.tlsPort}`, { rejectUnauthorized: false });
  keep({ stop: () => session.destroy() });
  const answer = await new Promise<{ headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': '/api/x?q=1', 'x-a': '1' });
    let headers: Record<string, unknown> = {};
    let text = '';
    stream.on('response', (received) => {
      headers = received;
    });
    stream.on('data', (chunk) => {
      text += String(chunk);
    });
    stream.on('end', () => resolve({ headers, text }));
    stream.on('error', reject);
    stream.end('hello');
  });
  expect(answer.headers[':status']).toBe(200);
  expect(answer.headers['x-kong-request-id']).toMatch(/^[0-9a-f]{32}$/);
  expect(JSON.parse(answer.text)).toMatchObject({
    method: 'POST',
    path: '/x?q=1',
    body: 'hello',
    headers: { 'x-a': '1' },
  });
});

test('certificate files that were replaced are used after a reload, and broken ones are not', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gateway-tls-'));
  keep({ stop: () => rm(directory, { recursive: true }) });
  const paths = { cert: join(directory, 'tls.crt'), key: join(directory, 'tls.key') };
  const write = async ({ certs, keys }: KeyPairs): Promise<void> => {
    await writeFile(paths.cert, certs[0] ?? '');
    await writeFile(paths.key, keys[0] ?? '');
  };
  await write(await selfSignedPair());
  const gateway = await proxy({}, { settings: { certificate: { certs: [paths.cert], keys: [paths.key] } } });
  const first = await serialOf(gateway.tlsPort, 'localhost');
  await write(await selfSignedPair());
  await gateway.handle.reloadCertificates();
  const second = await serialOf(gateway.tlsPort, 'localhost');
  expect(second).not.toBe(first);
  expect(await serialOf(gateway.tlsPort, '')).toBe(second);
  await writeFile(paths.cert, 'not a certificate');
  await expect(gateway.handle.reloadCertificates()).rejects.toThrow();
  expect(await serialOf(gateway.tlsPort, 'localhost')).toBe(second);
});
