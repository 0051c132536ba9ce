import { createHash, timingSafeEqual } from 'node:crypto';
import type { BasicAuthCredential } from '../model/entities.ts';
import type { Exchange } from '../proxy/exchange.ts';
import type { Reply } from '../proxy/reply.ts';
import { acceptCredential, challengeOrGoOnAnonymous, isKnownAlready } from './authentication.ts';
import { ConfigReader } from './config-reader.ts';
import type { PluginKind } from './phases.ts';

interface UserAndPassword {
  readonly username: string;
  readonly password: string;
}

const readHeader = (value: string | undefined): UserAndPassword | undefined => {
  const encoded = /^\s*basic\s+(\S+)\s*$/i.exec(value ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? undefined : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
};

/** Kong's form of a stored password: SHA-1 over the password followed by the consumer's id. */
const isRight = (credential: BasicAuthCredential, password: string): boolean => {
  const given = Buffer.from(
    createHash('sha1')
      .update(password + credential.consumer.id)
      .digest('hex'),
  );
  const stored = Buffer.from(credential.password);
  return given.length === stored.length && timingSafeEqual(given, stored);
};

/** Authenticates a consumer by user name and password. */
export const basicAuth: PluginKind = {
  name: 'basic-auth',
  priority: 1100,
  create: (plugin, world) => {
    const config = new ConfigReader(plugin.config);
    const anonymous = config.text('anonymous');
    const realm = config.text('realm') ?? 'service';
    const hideCredentials = config.flag('hide_credentials');

    const refuse = (exchange: Exchange): Reply | undefined =>
      challengeOrGoOnAnonymous(world, exchange, anonymous, {
        message: 'Unauthorized',
        challenge: `Basic realm="${realm}"`,
      });

    return {
      access: (exchange) => {
        if (isKnownAlready(exchange, anonymous)) return undefined;
        const given =
          readHeader(exchange.headers.get('proxy-authorization')) ??
          readHeader(exchange.headers.get('authorization'));
        if (hideCredentials) {
          exchange.headers.remove('authorization');
          exchange.headers.remove('proxy-authorization');
        }
        const credential = given && world.directory().basicAuth(given.username);
        if (!given || !credential || !isRight(credential, given.password)) return refuse(exchange);
        acceptCredential(world, exchange, credential, credential.username);
        return undefined;
      },
    };
  },
};
