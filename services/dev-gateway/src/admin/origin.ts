/** Which pages in a browser may use the Admin API: the one that the configuration names, and none else. */

const METHODS = 'GET, HEAD, PUT, PATCH, POST, DELETE, OPTIONS';

/** The origin of a URL such as `http://localhost:8002/manager`. */
export const originOf = (url: string): string => new URL(url).origin;

/**
 * The headers that let the pages of the allowed origin read answers. Without a configured origin Kong lets every page do so; here none may.
 * What asks without an origin is no page of another one, and gets what Kong says.
 */
export function corsHeaders(
  requestOrigin: string | undefined,
  allowedOrigin: string | undefined,
  isPreflight: boolean,
  requestedHeaders: string | undefined,
): Record<string, string> {
  if (requestOrigin === undefined) {
    return {
      'access-control-allow-origin': allowedOrigin ?? '*',
      'access-control-allow-credentials': 'true',
    };
  }
  if (allowedOrigin === undefined) return {};
  return {
    'access-control-allow-origin': allowedOrigin,
    'access-control-allow-credentials': 'true',
    vary: 'Origin',
    ...(isPreflight
      ? {
          'access-control-allow-methods': METHODS,
          'access-control-allow-headers': requestedHeaders ?? 'Content-Type',
        }
      : {}),
  };
}

/**
 * Whether a request comes from a page that must not change anything. Browsers send simple forms anywhere without
 * asking, so that CORS alone does not keep a foreign page from writing.
 */
export function isForeignWrite(
  method: string,
  requestOrigin: string | undefined,
  allowedOrigin: string | undefined,
  host: string | undefined,
): boolean {
  if (['GET', 'HEAD', 'OPTIONS'].includes(method) || requestOrigin === undefined) return false;
  if (requestOrigin === allowedOrigin) return false;
  return !URL.canParse(requestOrigin) || new URL(requestOrigin).host !== host;
}
