import { writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../test/fakes/certificate-maker.ts';
import { readCertificate } from '../../src/http/certificate.ts';
import { scratchDirectory, TOKEN } from '../support/scratch.ts';
import { ServiceProcess } from '../support/service-process.ts';

let folder: string;
let files: { cert: string; key: string };

async function writePair(): Promise<string> {
  const made = await makeCertificate({ subject: 'logging', hosts: ['127.0.0.1'], isAuthority: true });
  await writeFile(files.cert, made.cert);
  await writeFile(files.key, made.key);
  return made.cert;
}

beforeEach(async () => {
  folder = await scratchDirectory();
  files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
});

/** The answer's status and the local port that the request came from: the same one is the same connection. */
const ask = (url: string, agent: Agent): Promise<{ status: number | undefined; from: number | undefined }> =>
  new Promise((resolve, reject) => {
    get(
      `${url}/api/v1/events?limit=1`,
      { agent, headers: { authorization: `Bearer ${TOKEN}` } },
      (answer) => {
        const from = answer.socket.localPort;
        answer.resume().on('end', () => resolve({ status: answer.statusCode, from }));
      },
    ).on('error', reject);
  });

describe('the administration listener with a certificate', { timeout: 60_000 }, () => {
  it('is verified, shows a replaced one after SIGHUP, and goes on with who is connected', async () => {
    const first = await writePair();
    const service = await ServiceProcess.at(folder, {
      LOGGING_ADMIN_TLS_CERT_FILE: files.cert,
      LOGGING_ADMIN_TLS_KEY_FILE: files.key,
    });
    await service.start();
    const url = service.admin.replace('http:', 'https:');
    const connected = new Agent({ ca: first, keepAlive: true, maxSockets: 1 });
    try {
      const { status, from } = await ask(url, connected);
      expect(status).toBe(200);
      const second = await writePair();
      process.kill(service.pid, 'SIGHUP');
      await expect.poll(() => service.output, { timeout: 20_000 }).toContain('read again');
      expect(await ask(url, new Agent({ ca: second }))).toMatchObject({ status: 200 });
      await expect(ask(url, new Agent({ ca: first }))).rejects.toThrow();
      expect(await ask(url, connected)).toEqual({ status: 200, from });
    } finally {
      connected.destroy();
    }
  });
});

describe('the certificate of a listener', () => {
  it('that cannot be used is told with its files', async () => {
    await writePair();
    await writeFile(files.key, 'not a key');
    await expect(readCertificate(files)).rejects.toThrow(`${files.key} cannot be used: `);
    await expect(readCertificate({ ...files, cert: join(folder, 'nowhere') })).rejects.toThrow('ENOENT');
  });
});
