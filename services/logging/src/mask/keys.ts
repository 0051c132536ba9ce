/** Names whose values are credentials, whatever the value looks like. */

const EXACT = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'cookies',
  'setcookie',
  'apikey',
  'xapikey',
  'xauthtoken',
  'passwd',
  'pwd',
  'passphrase',
  'jwt',
  'bearer',
  'sessionid',
  'credential',
  'credentials',
  'cardnumber',
  'creditcard',
  'cvv',
  'cvc',
]);

const ENDINGS = [
  'token',
  'secret',
  'password',
  'apikey',
  'privatekey',
  'secretkey',
  'accesskey',
  'signature',
];

const decisions = new Map<string, boolean>();
// Hostile records invent names without end; the memory of decisions must not grow with them.
const MAX_DECISIONS = 5000;

/** "X-Api-Key", "x_api_key" and "xApiKey" are one name. */
export function canonicalKey(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function isCredential(key: string, extra: ReadonlySet<string>): boolean {
  // Header names arrive as "http.request.header.authorization" too: the last part counts as well.
  const last = canonicalKey(key.slice(key.lastIndexOf('.') + 1));
  const whole = canonicalKey(key);
  return [last, whole].some(
    (name) => EXACT.has(name) || extra.has(name) || ENDINGS.some((ending) => name.endsWith(ending)),
  );
}

/** Builds the test for names; `extraKeys` come from the configuration. */
export function credentialKeys(extraKeys: readonly string[]): (key: string) => boolean {
  const extra = new Set(extraKeys.map(canonicalKey));
  const known = extra.size === 0 ? decisions : new Map<string, boolean>();
  return (key) => {
    const decided = known.get(key);
    if (decided !== undefined) return decided;
    const decision = isCredential(key, extra);
    if (known.size < MAX_DECISIONS && key.length <= 128) known.set(key, decision);
    return decision;
  };
}
