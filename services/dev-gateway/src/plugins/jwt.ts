import type { JwtCredential } from '../model/entities.ts';
import { cookieOf } from '../proxy/cookie.ts';
import type { Exchange } from '../proxy/exchange.ts';
import { plainReply, type Reply } from '../proxy/reply.ts';
import { acceptCredential, isKnownAlready, refuseOrGoOnAnonymous } from './authentication.ts';
import { ConfigReader } from './config-reader.ts';
import { isSigned, type JsonWebToken, readToken } from './json-web-token.ts';
import type { PluginKind } from './phases.ts';
import { queryArguments } from './query-string.ts';

interface Refusal {
  readonly body: unknown;
  /** The token is wrong, and not only missing. */
  readonly isInvalid: boolean;
}

const invalid = (message: string): Refusal => ({ body: { message }, isInvalid: true });

const CLAIMS: Readonly<Record<string, (value: number, now: number) => string | undefined>> = {
  exp: (value, now) => (value <= now ? 'token expired' : undefined),
  nbf: (value, now) => (value > now ? 'token not valid yet' : undefined),
};

/** What is wrong with the claims, by their name; undefined when nothing is. */
function claimProblems(
  claims: JsonWebToken['claims'],
  names: readonly string[],
  mostSeconds: number,
  now: number,
): Readonly<Record<string, string>> | undefined {
  const problems = names.flatMap((name) => {
    const value = claims[name];
    const problem = typeof value === 'number' ? CLAIMS[name]?.(value, now) : 'must be a number';
    return problem === undefined ? [] : [[name, problem] as const];
  });
  if (problems.length > 0) return Object.fromEntries(problems);
  const { exp } = claims;
  const isTooLong = mostSeconds > 0 && (typeof exp !== 'number' || exp - now > mostSeconds);
  return isTooLong ? { exp: 'exceeds maximum allowed expiration' } : undefined;
}

/** Authenticates a consumer by a signed token in the query, a cookie or a header. */
export const jwt: PluginKind = {
  name: 'jwt',
  priority: 1450,
  create: (plugin, world) => {
    const config = new ConfigReader(plugin.config);
    const list = (name: string): readonly string[] => config.texts(name) ?? [];
    const keyClaim = config.text('key_claim_name') ?? 'iss';
    const anonymous = config.text('anonymous');
    const realm = config.text('realm');
    const challenge = realm === undefined ? 'Bearer' : `Bearer realm="${realm}"`;

    const findTokens = (exchange: Exchange): string[] => {
      const bearer = list('header_names').map(
        (name) => /\s*bearer\s+(.+)/i.exec(exchange.headers.get(name) ?? '')?.[1],
      );
      const found = [
        ...list('uri_param_names').flatMap((name) => queryArguments(exchange.query, name)),
        ...list('cookie_names').map((name) => cookieOf(exchange.headers, name)),
        ...bearer,
      ];
      return [...new Set(found.filter((token) => token !== undefined && token !== ''))] as string[];
    };

    const verifyToken = (token: JsonWebToken, credential: JwtCredential): Refusal | undefined => {
      if (token.algorithm !== credential.algorithm) return invalid('Invalid algorithm');
      const text = credential.algorithm.startsWith('HS') ? credential.secret : credential.rsa_public_key;
      if (text === null) return invalid('Invalid key/secret');
      const secret = config.flag('secret_is_base64') ? Buffer.from(text, 'base64url') : text;
      if (!isSigned(token, secret)) return invalid('Invalid signature');
      const problems = claimProblems(
        token.claims,
        list('claims_to_verify'),
        config.number('maximum_expiration') ?? 0,
        Math.floor(world.now() / 1000),
      );
      return problems && { body: problems, isInvalid: true };
    };

    const authenticate = (exchange: Exchange): Refusal | undefined => {
      const [text, ...others] = findTokens(exchange);
      if (text === undefined) return { body: { message: 'Unauthorized' }, isInvalid: false };
      if (others.length > 0) return invalid('Multiple tokens provided');
      const token = readToken(text);
      if (typeof token === 'string') return invalid(`Bad token; ${token}`);
      const key = token.claims[keyClaim] ?? token.header[keyClaim];
      if (key === undefined || key === null || key === false)
        return invalid(`No mandatory '${keyClaim}' in claims`);
      if (key === '') return invalid(`Invalid '${keyClaim}' in claims`);
      const credential = world.directory().jwt(String(key));
      if (credential === undefined) return invalid(`No credentials found for given '${keyClaim}'`);
      const refusal = verifyToken(token, credential);
      if (refusal === undefined) acceptCredential(world, exchange, credential, credential.key);
      return refusal;
    };

    const refuse = ({ body, isInvalid }: Refusal): Reply =>
      plainReply({
        status: 401,
        json: body,
        headers: { 'WWW-Authenticate': isInvalid ? `${challenge} error="invalid_token"` : challenge },
      });

    return {
      access: (exchange) => {
        if (!config.flag('run_on_preflight') && exchange.method === 'OPTIONS') return undefined;
        if (isKnownAlready(exchange, anonymous)) return undefined;
        const refusal = authenticate(exchange);
        if (refusal === undefined) return undefined;
        return refuseOrGoOnAnonymous(world, exchange, anonymous, () => refuse(refusal));
      },
    };
  },
};
