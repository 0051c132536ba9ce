/**
 * A published reference as the mirror of registries has it: its own path behind the mirror's address, as
 * `kong:3.8.0` -> `mirror.example:5000/library/kong:3.8.0`. What is built on this machine has no registry. Pure.
 */
export function mirrored(reference: string, mirror: string | undefined): string {
  if (mirror === undefined || reference.startsWith('apictl/')) return reference;
  const [first = '', ...rest] = reference.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  if (isHost) return `${mirror}/${rest.join('/')}`;
  // Docker Hub's own images lie in a folder that nobody writes.
  return `${mirror}/${rest.length === 0 ? `library/${reference}` : reference}`;
}
