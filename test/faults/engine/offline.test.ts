import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWholeRun } from '../support/share.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const ENGINE = join(ROOT, 'scripts/engine/second-engine.sh');
const NAME = `off${process.pid}`;
const canRun = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

/**
 * Another machine: an engine without any image, in a network namespace that has no interface but the loopback and the bridges
 * of that engine; a clone without npm packages; a home without npm's cache.
 */
describe.runIf(canRun && isWholeRun)('make up with an archive on a machine without a network', () => {
  let folder = '';
  let clone = '';
  const inside = (...argv: string[]) =>
    execa(ENGINE, ['run', NAME, ...argv], {
      cwd: clone,
      reject: false,
      env: { HOME: join(folder, 'home'), CI: 'true' },
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'apictl-offline-'));
    clone = join(folder, 'clone');
    const flags = ['--images', 'embedded', '--profile', 'core'];
    const apictl = (...argv: string[]) =>
      execa(process.execPath, [join(ROOT, 'bin/apictl.js'), ...argv], { cwd: folder });
    await apictl('images', 'build', '--images', 'embedded');
    await apictl('images', 'save', join(folder, 'stack.tar'), ...flags);
    const tree = 'mkdir "$1" && git ls-files -co --exclude-standard | tar -cf - -T - | tar -xf - -C "$1"';
    await execa('sh', ['-ec', tree, 'clone', clone], { cwd: ROOT });
    await execa(ENGINE, ['start', NAME, '--version', '20.10']);
  });
  afterAll(async () => {
    await execa(ENGINE, ['stop', NAME]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('brings the stack up from the archive alone', async () => {
    expect((await inside('ip', '-o', 'route', 'show', 'default')).stdout).toBe('');
    expect((await inside('docker', 'image', 'ls', '--quiet')).stdout).toBe('');
    const up = await inside('make', 'up', 'ARCHIVE=../stack.tar', 'ARGS=--profile core');
    expect(up.exitCode, up.stderr).toBe(0);
    const status = JSON.parse((await inside('node', 'bin/apictl.js', 'status', '--json')).stdout);
    expect(status).toMatchObject({ state: 'healthy', images: 'embedded' });
    const answer = await inside('curl', '--silent', 'http://127.0.0.1:8000/api/v1/whoami');
    expect(JSON.parse(answer.stdout).instance).toMatch(/^backend-[1-3]$/);
  });

  it('finds nothing to do the second time', async () => {
    const again = await inside('make', 'up', 'ARCHIVE=../stack.tar', 'ARGS=--profile core');
    expect(again.exitCode, again.stderr).toBe(0);
    expect(again.stderr).not.toContain('npm packages\n');
    expect(again.stderr).toContain('was there already, as it was saved');
  });
});
