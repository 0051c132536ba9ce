/** The directives of a `Cache-Control` header, by their name in small letters. */
export type CacheDirectives = ReadonlyMap<string, number | true>;

export function readDirectives(header: string | undefined): CacheDirectives {
  const directives = new Map<string, number | true>();
  for (const part of (header ?? '').split(',')) {
    const [name = '', value] = part.trim().toLowerCase().split('=', 2);
    if (name === '') continue;
    const number = Number(value?.replaceAll('"', ''));
    directives.set(name, value === undefined || Number.isNaN(number) ? true : number);
  }
  return directives;
}

/** Seconds for which a shared cache may give a response again. */
export function freshSeconds(
  directives: CacheDirectives,
  expires: string | undefined,
  nowMs: number,
): number {
  for (const name of ['s-maxage', 'max-age']) {
    const seconds = directives.get(name);
    if (typeof seconds === 'number') return seconds;
  }
  const moment = Date.parse(expires ?? '');
  return Number.isNaN(moment) ? 0 : Math.max(0, Math.floor((moment - nowMs) / 1000));
}
