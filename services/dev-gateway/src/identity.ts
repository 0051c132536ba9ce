/** What this program says it is: a development gateway of apictl that speaks the Admin API of Kong 3.8.1, not Kong. */

/** The release of Kong whose Admin API, messages and metrics this gateway speaks. */
export const SPOKEN_KONG_VERSION = '3.8.1';
export const GATEWAY_VERSION = `${SPOKEN_KONG_VERSION}-apictl-dev`;
export const GATEWAY_NAME = 'apictl development gateway';
export const TAGLINE = `${GATEWAY_NAME}: speaks the Admin API of Kong ${SPOKEN_KONG_VERSION}, but is not Kong`;
/** In `Server` and `Via` headers. */
export const SERVER_NAME = `apictl-dev-gateway/${GATEWAY_VERSION}`;
