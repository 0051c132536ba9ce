import { resolve } from 'node:path';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { seedDump } from '../../kong/dump.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { kongAccess, type SeedOptions } from './seed.ts';

export interface DumpOptions extends Pick<SeedOptions, 'admin' | 'parallelism' | 'timeoutMs'> {
  /** Also what is not ours. */
  readonly all: boolean;
  /** Relative to the working folder; nowhere but in the result where absent. */
  readonly output?: string | undefined;
  /** Write secrets in clear, which only a file may have: it is then readable for its owner alone. */
  readonly withSecrets: boolean;
}

const PRIVATE = 0o600;

/** What `seed dump --json` prints. */
export interface DumpResult {
  readonly entities: number;
  /** The environment variables that stand for the secrets in the text. */
  readonly variables: readonly string[];
  /** The file that was written. */
  readonly output: string | null;
  /** The declaration; null where it has secrets in clear. */
  readonly text: string | null;
}

/**
 * Kong's state in the format of `kong/kong.yaml`.
 * @throws ApictlError OPTION_INVALID (64) for secrets without a file.
 */
export async function dump(world: World, project: Project, options: DumpOptions): Promise<DumpResult> {
  if (options.withSecrets && options.output === undefined) {
    throw new ApictlError({
      code: 'OPTION_INVALID',
      exitCode: EXIT.usage,
      message: '--with-secrets needs --output FILE',
      object: '--with-secrets',
      hint: 'On a terminal and in a log secrets would be seen; the file is readable for its owner alone.',
    });
  }
  const found = await seedDump({
    ...kongAccess(world, project, options),
    project: project.config.project,
    all: options.all,
    reveal: options.withSecrets,
  });
  const output = options.output === undefined ? null : resolve(world.workingFolder, options.output);
  if (output !== null) await world.files.write(output, found.text, options.withSecrets ? PRIVATE : undefined);
  return { ...found, output, text: options.withSecrets ? null : found.text };
}
