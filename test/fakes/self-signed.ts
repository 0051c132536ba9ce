import { makeCertificate } from './certificate-maker.ts';

/** A certificate for one IP address that is its own authority, and its key; both PEM. */
export const selfSigned = (ip: string): Promise<{ cert: string; key: string }> =>
  makeCertificate({ subject: 'loopback', hosts: [ip], isAuthority: true });
