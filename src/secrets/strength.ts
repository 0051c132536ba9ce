/** What is tried first at any door. */
const WELL_KNOWN: ReadonlySet<string> = new Set([
  ...['admin', 'administrator', 'apictl', 'changeit', 'changeme', 'default', 'django', 'elastic', 'example'],
  ...['grafana', 'guest', 'kibana', 'kong', 'letmein', 'logstash', 'passw0rd', 'password', 'postgres'],
  ...['postgresql', 'qwerty', 'root', 'secret', 'test', 'token', 'toor', 'user', 'welcome'],
]);

/** 16 letters and digits at random are 95 bits; what is generated has twice as many. */
const SHORTEST = 16;
const FEWEST_CHARACTERS = 6;

/** What makes a value easy to guess, for people; null where nothing does. Never repeats the value. */
export function weaknessOf(value: string): string | null {
  if (/^\$\{.*\}$/.test(value)) return 'is a placeholder that nothing was filled into';
  const letters = value.toLowerCase().replaceAll(/[^a-z]/g, '');
  if (WELL_KNOWN.has(value.toLowerCase()) || (WELL_KNOWN.has(letters) && value.length < SHORTEST)) {
    return 'is one of the values that are tried first';
  }
  if (value.length < SHORTEST) return `has fewer than ${SHORTEST} characters`;
  if (new Set(value).size < FEWEST_CHARACTERS) return 'repeats a few characters';
  return null;
}
