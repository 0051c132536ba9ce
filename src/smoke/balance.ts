const TOLERANCE = 0.02;

/** What is wrong with the shares of these backends, or nothing. A share may be off by 2 % of all requests, and by one. */
export function shareProblem(
  counts: ReadonlyMap<string, number>,
  backends: readonly string[],
): string | undefined {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const strangers = [...counts.keys()].filter((name) => !backends.includes(name));
  if (strangers.length > 0) return `answered by ${strangers.join(', ')}, which is no backend of this stack`;
  const silent = backends.filter((name) => !counts.has(name));
  if (silent.length > 0) return `no answer from ${silent.join(', ')}`;
  const fair = total / backends.length;
  const allowed = Math.max(1, total * TOLERANCE);
  const off = backends.filter((name) => Math.abs((counts.get(name) ?? 0) - fair) > allowed);
  return off.length === 0 ? undefined : `the shares are not equal within ${TOLERANCE * 100} %`;
}
