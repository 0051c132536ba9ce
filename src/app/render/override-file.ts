import { join } from 'node:path';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { Files } from '../../core/ports/files.ts';
import { overrideProblems } from '../../stack/render/override-problems.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

export const overrideFile = (root: string): string => join(root, 'compose.override.yaml');

/** On Swarm nothing reads it: what it changes for Compose would have no counterpart there. */
export async function tellOverrideUnused(
  { files, emit }: Pick<World, 'files' | 'emit'>,
  { root }: Pick<Project, 'root'>,
): Promise<void> {
  if ((await files.stat(overrideFile(root))) === null) return;
  emit({ type: 'warning', text: 'compose.override.yaml is for Compose alone; it changes nothing on Swarm' });
}

/** The text of the user's override, null where there is none. @throws ApictlError OVERRIDE_INVALID (64) where it is no YAML */
export async function readOverride(files: Files, root: string): Promise<string | null> {
  const text = (await files.read(overrideFile(root)))?.toString('utf8') ?? null;
  const problems = text === null ? [] : overrideProblems(text);
  if (problems.length > 0) throw overrideInvalid(root, problems);
  return text;
}

const overrideInvalid = (root: string, problems: readonly string[]) =>
  new ApictlError({
    code: 'OVERRIDE_INVALID',
    exitCode: EXIT.usage,
    message:
      problems.length === 1
        ? `compose.override.yaml cannot be read: ${problems[0]}`
        : `compose.override.yaml cannot be read in ${problems.length} places`,
    object: overrideFile(root),
    details: problems.length === 1 ? [] : problems,
    hint: 'Correct the file; nothing has been made.',
  });
