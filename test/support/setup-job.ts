import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Whether this machine has what the image of the jobs has. */
export const hasJobTools = ['bash', 'curl'].every((tool) => spawnSync(tool, ['--version']).status === 0);

export interface SetupJob {
  readonly folder: string;
  /** Runs the job to its end; its exit code and both streams. */
  run(environment?: Readonly<Record<string, string>>): Promise<{ exitCode: number; output: string }>;
  /** The arguments of every curl so far: what any process list shows. */
  argv(): Promise<string>;
}

/**
 * A setup job of the Elastic stack, run as it is: its secrets in a folder that is gone after the test, its volumes beside them.
 * Only root may give files away, so `chown` writes down what it is asked.
 */
export async function setupJob(
  script: string,
  secrets: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): Promise<SetupJob> {
  const folder = await mkdtemp(join(tmpdir(), 'apictl-setup-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const path of [
    'secrets',
    'volumes/elasticsearch-snapshots',
    'volumes/logstash-data',
    'bin',
    'temporary',
  ])
    await mkdir(join(folder, path), { recursive: true });
  for (const [name, value] of Object.entries(secrets)) await writeFile(join(folder, 'secrets', name), value);
  const tool = async (name: string, text: string): Promise<void> => {
    const path = join(folder, 'bin', name);
    await writeFile(path, `#!/bin/bash\n${text}\n`);
    await chmod(path, 0o755);
  };
  await tool('chown', 'echo "$@" >> "$TOOL_LOG/chown"');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  await tool('curl', 'printf "%s\\n" "$@" >> "$TOOL_LOG/curl"; PATH=${PATH#*:} exec curl "$@"');
  const env = {
    PATH: `${folder}/bin:${process.env.PATH}`,
    TOOL_LOG: folder,
    TMPDIR: join(folder, 'temporary'),
    SECRETS_DIR: join(folder, 'secrets'),
    VOLUMES_DIR: join(folder, 'volumes'),
    ...wanted,
  };
  return {
    folder,
    run: (environment = {}) =>
      new Promise((resolve) => {
        execFile('bash', [script], { env: { ...env, ...environment } }, (error, stdout, stderr) =>
          resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
        );
      }),
    argv: () => readFile(join(folder, 'curl'), 'utf8'),
  };
}
