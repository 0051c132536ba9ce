import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The highest folder above a path, or the path itself, that is on the same device. */
export function mountPointOf(path: string): string {
  const above = dirname(path);
  if (above === path) return path;
  return statSync(path).dev === statSync(above).dev ? mountPointOf(above) : path;
}
