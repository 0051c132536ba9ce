import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Listener, serve } from '../../src/listener.ts';
import { selfSignedPair } from '../../src/proxy/self-signed.ts';
import { reloadAll, reloadListeners } from '../../src/reload-certificates.ts';
import { serialOf } from '../proxy/serial-of.ts';

let directory: string;
let listeners: Listener[] = [];
const settings = () => ({
  addresses: [{ host: '127.0.0.1', port: 0, isTls: true, speaksHttp2: true }],
  certificate: { certs: [join(directory, 'tls.crt')], keys: [join(directory, 'tls.key')] },
});

async function writePair(): Promise<void> {
  const { certs, keys } = await selfSignedPair();
  await writeFile(join(directory, 'tls.crt'), certs[0] ?? '');
  await writeFile(join(directory, 'tls.key'), keys[0] ?? '');
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gateway-reload-'));
  await writePair();
  const app = Fastify();
  app.get('/', async () => 'here');
  listeners = await serve(app, settings());
});

afterEach(async () => {
  await Promise.all(listeners.map((listener) => listener.stop()));
  await rm(directory, { recursive: true });
});

const portOf = (): number => listeners[0]?.port ?? 0;

/** The local port that a request went out from: the same one is the same connection. */
const ask = (agent: Agent): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: portOf(), agent, rejectUnauthorized: false },
      (answer) => {
        const from = answer.socket.localPort;
        answer.resume().on('end', () => resolve(from));
      },
    );
    asked.on('error', reject).end();
  });

test('a listener shows the replaced certificate to who connects next, and goes on with who is there', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const before = await serialOf(portOf(), 'localhost');
    const from = await ask(agent);
    await writePair();
    await reloadListeners(listeners, settings());
    expect(await serialOf(portOf(), 'localhost')).not.toBe(before);
    expect(await ask(agent)).toBe(from);
  } finally {
    agent.destroy();
  }
});

test('a certificate that cannot be used leaves the one in use, and keeps no other door from its own', async () => {
  const before = await serialOf(portOf(), 'localhost');
  await writeFile(join(directory, 'tls.key'), 'not a key');
  const notices: string[] = [];
  let isOtherReloaded = false;
  await reloadAll(
    [
      () => reloadListeners(listeners, settings()),
      async () => {
        isOtherReloaded = true;
      },
    ],
    (text) => void notices.push(text),
  );
  expect(notices).toEqual([expect.stringMatching(/^the changed certificate cannot be used: /)]);
  expect(await serialOf(portOf(), 'localhost')).toBe(before);
  expect(isOtherReloaded).toBe(true);
});
