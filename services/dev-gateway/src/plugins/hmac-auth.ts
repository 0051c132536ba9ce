import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Exchange } from '../proxy/exchange.ts';
import { acceptCredential, challengeOrGoOnAnonymous, isKnownAlready } from './authentication.ts';
import { ConfigReader } from './config-reader.ts';
import type { PluginKind } from './phases.ts';

const NO_DATE =
  'HMAC signature cannot be verified, a valid date or x-date header is required for HMAC Authentication';
const NOT_VALID = 'HMAC signature cannot be verified';
const NOT_SAME = 'HMAC signature does not match';

const FIELDS =
  /\s*hmac\s*username="(?<username>.+)",\s*algorithm="(?<algorithm>.+)",\s*headers="(?<headers>.+)",\s*signature="(?<signature>.+)"/i;

interface SignatureFields {
  readonly username: string;
  readonly algorithm: string;
  readonly headers: readonly string[];
  readonly signature: string;
}

function readFields(header: string | undefined): SignatureFields | undefined {
  const { username, algorithm, headers, signature } = FIELDS.exec(header ?? '')?.groups ?? {};
  if (username === undefined || algorithm === undefined || headers === undefined || signature === undefined) {
    return undefined;
  }
  return { username, algorithm, headers: headers.split(' '), signature };
}

/** The text that the client has signed, line by line as its list of headers says. */
const signedText = (exchange: Exchange, names: readonly string[]): string =>
  names
    .map((name) => {
      const value = exchange.headers.get(name);
      if (value !== undefined) return `${name}: ${value}`;
      if (name === '@request-target')
        return `${name}: ${exchange.method.toLowerCase()} ${exchange.requestTarget}`;
      if (name !== 'request-line') return `${name}:`;
      return `${exchange.method} ${exchange.requestTarget} HTTP/${exchange.httpVersion}`;
    })
    .join('\n');

const isSame = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** Authenticates a consumer by a signature over headers of the request. */
export const hmacAuth: PluginKind = {
  name: 'hmac-auth',
  priority: 1030,
  create: (plugin, world) => {
    const config = new ConfigReader(plugin.config);
    const algorithms = config.texts('algorithms') ?? [];
    const enforced = config.texts('enforce_headers') ?? [];
    const anonymous = config.text('anonymous');
    const realm = config.text('realm');
    const challenge = realm === undefined ? 'hmac' : `hmac realm="${realm}"`;
    const mostSkewMs = (config.number('clock_skew') ?? 300) * 1000;

    const isTimely = (exchange: Exchange, header: string): boolean => {
      const moment = Date.parse(exchange.headers.get(header) ?? '');
      return Math.abs(world.now() - moment) <= mostSkewMs;
    };

    const takeFields = (exchange: Exchange): SignatureFields | undefined => {
      const ofProxy = readFields(exchange.headers.get('proxy-authorization'));
      const fields = ofProxy ?? readFields(exchange.headers.get('authorization'));
      if (config.flag('hide_credentials')) {
        exchange.headers.remove(ofProxy === undefined ? 'authorization' : 'proxy-authorization');
      }
      return fields;
    };

    const hasRightDigest = async (exchange: Exchange): Promise<boolean> => {
      const body = await exchange.readBody();
      if (body === undefined) return false;
      const digest = exchange.headers.get('digest');
      if (digest === undefined) return body.length === 0;
      return digest === `SHA-256=${createHash('sha256').update(body).digest('base64')}`;
    };

    /** What the client is told when it is refused. */
    const authenticate = async (exchange: Exchange): Promise<string | undefined> => {
      if (!exchange.headers.has('authorization') && !exchange.headers.has('proxy-authorization')) {
        return 'Unauthorized';
      }
      if (!isTimely(exchange, 'x-date') && !isTimely(exchange, 'date')) return NO_DATE;
      const fields = takeFields(exchange);
      const isComplete =
        fields !== undefined &&
        enforced.every((name) => fields.headers.includes(name)) &&
        algorithms.includes(fields.algorithm);
      const credential = isComplete ? world.directory().hmacAuth(fields.username) : undefined;
      if (!isComplete || credential === undefined) return NOT_VALID;
      const text = signedText(exchange, fields.headers);
      const wanted = createHmac(fields.algorithm.slice('hmac-'.length), credential.secret)
        .update(text)
        .digest();
      if (!isSame(wanted, Buffer.from(fields.signature, 'base64'))) return NOT_SAME;
      if (config.flag('validate_request_body') && !(await hasRightDigest(exchange))) return NOT_SAME;
      acceptCredential(world, exchange, credential, credential.username);
      return undefined;
    };

    return {
      access: async (exchange) => {
        if (isKnownAlready(exchange, anonymous)) return undefined;
        const message = await authenticate(exchange);
        if (message === undefined) return undefined;
        return challengeOrGoOnAnonymous(world, exchange, anonymous, { message, challenge });
      },
    };
  },
};
