/** Whether one of the names of a certificate holds for a host, as RFC 6125 has it: a wildcard stands for one label. */
export function covers(names: readonly string[], host: string): boolean {
  const wanted = host.toLowerCase();
  return names.some((name) => {
    const candidate = name.toLowerCase();
    if (candidate === wanted) return true;
    if (!candidate.startsWith('*.')) return false;
    const dot = wanted.indexOf('.');
    return dot > 0 && wanted.slice(dot) === candidate.slice(1);
  });
}
