import type { HeaderList } from './header-list.ts';

/** Fields that concern one connection only and never pass a proxy. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Fields that nobody may have dropped by naming them in `Connection`, as the message's meaning depends on them. */
const PROTECTED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'host',
  'content-length',
  'authorization',
  'cookie',
]);

/**
 * Removes the fields that `Connection` names. For requests this comes before the plugins: a client that names, say,
 * `X-Consumer-ID` must not undo what an authentication plugin sets.
 */
export const dropNamedByConnection = (headers: HeaderList): void => {
  const named = new Set<string>();
  for (const value of headers.all('connection')) {
    for (const token of value.split(',')) {
      const name = token.trim().toLowerCase();
      if (name !== '' && !PROTECTED.has(name)) named.add(name);
    }
  }
  if (named.size > 0) headers.retain((name) => !named.has(name));
};

export const dropHopByHop = (headers: HeaderList): void => headers.retain((name) => !HOP_BY_HOP.has(name));

export const asksForWebSocket = (headers: HeaderList): boolean =>
  headers.all('connection').some((value) => /(^|,)\s*upgrade\s*(,|$)/i.test(value)) &&
  headers.all('upgrade').some((value) => /(^|,)\s*websocket\s*(,|$)/i.test(value));
