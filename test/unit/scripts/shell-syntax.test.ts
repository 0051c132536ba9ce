import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const scripts = readdirSync(`${ROOT}scripts`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.sh'))
  .map((path) => `scripts/${path}`)
  .concat('.ci/run');
const lacksShellcheck = (await execa('shellcheck', ['--version'], { reject: false })).failed;

describe('the shell scripts', () => {
  it.each(scripts)('%s is a shell script that bash can read', async (path) => {
    await execa('bash', ['-n', path], { cwd: ROOT });
  });

  it.skipIf(lacksShellcheck)(
    'are clean for shellcheck',
    async () => {
      const run = await execa('shellcheck', scripts, { cwd: ROOT, reject: false });
      expect(run.stdout).toBe('');
    },
    60_000,
  );

  it('keep to what the bash 3.2 of macOS understands', async () => {
    const newer = 'declare -A|mapfile|readarray|\\$\\{[A-Za-z_]+(,,|\\^\\^)|\\bcoproc\\b|&>>|\\|&';
    const run = await execa('grep', ['-nE', newer, ...scripts], { cwd: ROOT, reject: false });
    expect(run.stdout).toBe('');
  });
});
