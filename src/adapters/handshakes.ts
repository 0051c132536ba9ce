import { ApictlError, EXIT, messageOf } from '../core/errors.ts';
import type { HandshakeRequest, Handshakes, ShownCertificate } from '../core/ports/handshakes.ts';

/** The Handshakes port. Whatever the server shows is looked at, also what nobody should trust: nothing is sent to it. */
export const tlsHandshakes: Handshakes = { shown };

async function shown({ host, port, timeoutMs, signal }: HandshakeRequest): Promise<ShownCertificate> {
  // Most runs look at no door, and TLS takes long to load.
  const { connect } = await import('node:tls');
  return new Promise((resolve, reject) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const ending = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    const socket = connect({ host, port, rejectUnauthorized: false });
    const fail = (why: string, cause?: unknown): void => {
      socket.destroy();
      reject(unreachable(host, port, why, cause));
    };
    const onAbort = (): void =>
      fail(signal?.aborted ? 'interrupted' : `no answer within ${timeoutMs / 1000} s`);
    ending.addEventListener('abort', onAbort, { once: true });
    socket.once('close', () => ending.removeEventListener('abort', onAbort));
    socket.on('error', (thrown) => fail(messageOf(thrown), thrown));
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate === undefined) reject(unreachable(host, port, 'it shows no certificate'));
      else resolve({ serialNumber: certificate.serialNumber, fingerprint: certificate.fingerprint256 });
    });
  });
}

const unreachable = (host: string, port: number, why: string, cause?: unknown): ApictlError =>
  new ApictlError({
    code: 'TLS_UNREACHABLE',
    exitCode: EXIT.unhealthy,
    message: `no TLS handshake with ${host}:${port}: ${why}`,
    object: `${host}:${port}`,
    cause,
  });
