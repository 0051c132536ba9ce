import { compilePcre } from '../schema/pcre.ts';

/** Origins as they are compared: scheme and host with their port, without the port that the scheme implies. */
export interface Origin {
  readonly domain: string;
  readonly host: string;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };

export function parseOrigin(text: string): Origin {
  const { scheme, authority } =
    /^(?:(?<scheme>[A-Za-z0-9][A-Za-z0-9+.-]*):)?\/\/(?<authority>[^/]*)/.exec(text)?.groups ?? {};
  const { host, port } = /^(?<host>.*?)(?::(?<port>[^:\]]*))?$/.exec(authority ?? '')?.groups ?? {};
  if (host === undefined || host === '') return { domain: text, host: text };
  const isImplied = !port || DEFAULT_PORTS[scheme ?? ''] === port;
  return {
    domain: `${scheme === undefined ? '' : `${scheme}://`}${host}${isImplied ? '' : `:${port}`}`,
    host,
  };
}

export const isPlainOrigin = (text: string): boolean => /^[A-Za-z0-9.:/-]+$/.test(text);

/** An origin, or a regular expression over the whole of one, or over its host where the expression has no colon. */
export function compileOrigin(text: string): (origin: Origin) => boolean {
  if (text === '*') return () => true;
  if (isPlainOrigin(text)) {
    const { domain } = parseOrigin(text);
    return (origin) => origin.domain === domain;
  }
  const expression = compilePcre(text.replace(/^\^/, '').replace(/\$?$/, '$'), 'y');
  return (origin) => {
    expression.lastIndex = 0;
    return expression.test(text.includes(':') ? origin.domain : origin.host);
  };
}
