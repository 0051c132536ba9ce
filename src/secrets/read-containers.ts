import type { Engine } from '../core/ports/engine.ts';

/**
 * One line for each secret: whether the container's own user reads it, and a fingerprint of what it reads. Every image has these
 * commands, busybox too.
 */
const LOOK = `for file in /run/secrets/*; do
  [ -e "$file" ] || continue
  if [ -r "$file" ]; then hash=$(sha256sum < "$file"); echo "read \${file##*/} \${hash%% *}"
  else echo "denied \${file##*/}"; fi
done`;

const LOOK_MS = 10_000;

/** Secret -> SHA-256 in hex, null where it may not be read. @throws Error with what the container said instead */
export async function readInside(
  engine: Pick<Engine, 'exec'>,
  containerId: string,
): Promise<ReadonlyMap<string, string | null>> {
  const { exitCode, output } = await engine.exec(containerId, ['sh', '-c', LOOK], LOOK_MS);
  if (exitCode !== 0) throw new Error(output === '' ? `exit code ${exitCode}` : output);
  return new Map(
    output.split('\n').flatMap((line): [string, string | null][] => {
      const [word, name = '', hash = null] = line.split(' ');
      return word === 'read' || word === 'denied' ? [[name, hash]] : [];
    }),
  );
}
