import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface MailServer {
  readonly port: number;
  readonly mails: Email[];
  /** Logins over TLS, each as `user password`, those that were refused among them. */
  readonly logins: string[];
  close(): Promise<void>;
}

interface Wish {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly user: string;
  readonly password: string;
}

/** A mail server that takes mail after STARTTLS and a login only, and none for an address that begins with "nobody". */
export async function startMailServer({ cert, key, user, password }: Wish): Promise<MailServer> {
  const mails: Email[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    cert,
    key,
    logger: false,
    // No login before it: the password would go over the line in clear.
    allowInsecureAuth: false,
    onAuth: ({ username, password: given }, { secure }, done) => {
      logins.push(`${username} ${given}`);
      if (secure && username === user && given === password) done(null, { user: username });
      else done(Object.assign(new Error('Authentication credentials invalid'), { responseCode: 535 }));
    },
    onRcptTo: ({ address }, _session, done) => {
      if (!address.startsWith('nobody')) done();
      else done(Object.assign(new Error('No such user here'), { responseCode: 550 }));
    },
    onData: (stream, _session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        PostalMime.parse(Buffer.concat(parts)).then((mail) => {
          mails.push(mail);
          done();
        }, done);
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    ...{ mails, logins },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
