import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

describe('make test', () => {
  beforeEach(() => {
    sandbox.writeClone('scripts/test.mjs', 'console.log(JSON.stringify(process.argv.slice(2)));\n');
  });
  const test = async (scope: string) => {
    const run = await sandbox.run('scripts/test.sh', [scope]);
    return { ...run, runner: JSON.parse(run.stdout || 'null') as unknown };
  };

  it('brings up an engine as make up does, and runs everything', async () => {
    sandbox.debian('bookworm').withChromium();
    const run = await test('all');
    expect(run.stderr).toContain('[1/3] Installing Debian packages: docker.io debootstrap');
    expect(run.runner).toEqual(['all']);
  });

  it('goes on without an engine that cannot be had, and hands on the reason instead of an error', async () => {
    sandbox.debian('bookworm').withChromium().setState('user-id', '1000');
    const run = await test('all');
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.runner).toEqual([
      'all',
      '--no-engine',
      'Docker Engine is not installed: run "sudo make engine-start" once, then repeat.',
    ]);
  });

  it('does the same where the installation fails half-way', async () => {
    sandbox.debian('bookworm').withChromium().setState('apt-fails', 'E: no space left on device\n');
    const run = await test('all');
    expect(run.runner).toEqual([
      'all',
      '--no-engine',
      expect.stringContaining('apt-get could not install docker.io debootstrap: E: no space left'),
    ]);
  });

  it('installs a browser where there is none', async () => {
    sandbox.debian('bookworm').withDocker();
    const run = await test('all');
    expect(run.stderr).toContain('[1/1] Installing the Debian package chromium');
    expect(run.runner).toEqual(['all']);
    expect(sandbox.calls('apt-get').at(-1)).toMatch(/ install chromium$/);
  });

  it('installs a Ruby where there is none', async () => {
    sandbox.debian('bookworm').withDocker().withChromium().removeProgram('ruby');
    const run = await test('all');
    expect(run.stderr).toContain('[1/1] Installing the Debian package ruby');
    expect(run.runner).toEqual(['all']);
    expect(sandbox.calls('apt-get').at(-1)).toMatch(/ install ruby$/);
  });

  it('goes on without a Ruby that cannot be had', async () => {
    sandbox.debian('bookworm').withDocker().withChromium().setState('apt-fails', 'E: no\n');
    sandbox.removeProgram('ruby');
    expect(await test('all')).toMatchObject({ exitCode: 0, runner: ['all'] });
  });

  it('goes on without a browser that cannot be had, and hands on every reason', async () => {
    sandbox.debian('bookworm').setState('user-id', '1000');
    const run = await test('all');
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.runner).toEqual([
      'all',
      '--no-engine',
      expect.stringContaining('Docker Engine is not installed'),
      '--no-browser',
      'Chromium is not installed: install the package chromium once, then repeat.',
    ]);
  });

  it('needs no engine for the long tests while there are none', async () => {
    const run = await test('faults');
    expect(run).toMatchObject({ exitCode: 0, stderr: '', runner: ['faults'] });
    expect(sandbox.calls('docker')).toEqual([]);
  });

  it('leaves the build to the run, which counts it as a check', async () => {
    sandbox.withDocker().withChromium();
    sandbox.age('dist/.built', 120);
    await test('all');
    expect(sandbox.calls('npm')).toEqual([]);
  });
});

describe('the pipeline', () => {
  /** A make that prints and ends as the test wants it, for each target. */
  const fakeMake = (outcomes: Record<string, { prints: string; exitCode: number }>) => {
    const branches = Object.entries(outcomes).map(
      ([target, { prints, exitCode }]) => `  ${target}) printf '%s\\n' '${prints}'; exit ${exitCode} ;;`,
    );
    const text = ['#!/usr/bin/env bash', 'case $2 in', ...branches, 'esac', ''].join('\n');
    writeFileSync(join(sandbox.directory, 'bin', 'make'), text, { mode: 0o755 });
  };
  const lastLine = (text: string) => text.split('\n').at(-1);

  it('ends with the sum of both runs', async () => {
    fakeMake({
      test: { prints: 'noise\n120 passed, 0 failed, 2 skipped', exitCode: 0 },
      'test-faults': { prints: '3 passed, 0 failed', exitCode: 0 },
    });
    const run = await sandbox.run('.ci/run');
    expect(lastLine(run.stdout)).toBe('123 passed, 0 failed, 2 skipped');
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toMatch(/\d+ s {2}make test +120 passed/);
  });

  it('runs the long tests even after failures, and fails', async () => {
    fakeMake({
      test: { prints: '10 passed, 2 failed', exitCode: 2 },
      'test-faults': { prints: '3 passed, 0 failed', exitCode: 0 },
    });
    const run = await sandbox.run('.ci/run');
    expect(lastLine(run.stdout)).toBe('13 passed, 2 failed');
    expect(run.exitCode).toBe(1);
  });

  it('counts a run that ended without a total as one failure', async () => {
    fakeMake({
      test: { prints: 'error: npm ci failed', exitCode: 2 },
      'test-faults': { prints: '0 passed, 0 failed', exitCode: 0 },
    });
    const run = await sandbox.run('.ci/run');
    expect(lastLine(run.stdout)).toBe('0 passed, 1 failed');
    expect(run.exitCode).toBe(1);
  });

  it('fails when a run counted no failure and still ended with an error', async () => {
    fakeMake({
      test: { prints: '10 passed, 0 failed', exitCode: 2 },
      'test-faults': { prints: '0 passed, 0 failed', exitCode: 0 },
    });
    expect((await sandbox.run('.ci/run')).exitCode).toBe(1);
  });
});
