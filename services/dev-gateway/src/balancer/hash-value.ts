import type { HashOn, Upstream } from '../model/entities.ts';

/** What of a request a hash can be taken of. */
export interface HashInput {
  readonly clientIp: string;
  readonly path: string;
  readonly consumerOrCredentialId: string | undefined;
  header(lowerName: string): string | undefined;
  cookie(name: string): string | undefined;
  queryArgument(name: string): string | undefined;
  uriCapture(name: string): string | undefined;
}

interface HashSource {
  readonly on: HashOn;
  readonly header: string | null;
  readonly queryArgument: string | null;
  readonly uriCapture: string | null;
}

const read = (source: HashSource, upstream: Upstream, input: HashInput): string | undefined => {
  switch (source.on) {
    case 'none':
      return undefined;
    case 'ip':
      return input.clientIp;
    case 'path':
      return input.path;
    case 'consumer':
      return input.consumerOrCredentialId;
    case 'header':
      return source.header === null ? undefined : input.header(source.header.toLowerCase());
    case 'cookie':
      return upstream.hash_on_cookie === null ? undefined : input.cookie(upstream.hash_on_cookie);
    case 'query_arg':
      return source.queryArgument === null ? undefined : input.queryArgument(source.queryArgument);
    case 'uri_capture':
      return source.uriCapture === null ? undefined : input.uriCapture(source.uriCapture);
  }
};

/** The value that the upstream's `hash_on`, or else its `hash_fallback`, yields; undefined when the request has neither. */
export const hashValue = (upstream: Upstream, input: HashInput): string | undefined =>
  read(
    {
      on: upstream.hash_on,
      header: upstream.hash_on_header,
      queryArgument: upstream.hash_on_query_arg,
      uriCapture: upstream.hash_on_uri_capture,
    },
    upstream,
    input,
  ) ??
  read(
    {
      on: upstream.hash_fallback,
      header: upstream.hash_fallback_header,
      queryArgument: upstream.hash_fallback_query_arg,
      uriCapture: upstream.hash_fallback_uri_capture,
    },
    upstream,
    input,
  );
