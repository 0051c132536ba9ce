import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

const build = () => sandbox.run('scripts/build.sh');
const lockOf = (version: string) =>
  JSON.stringify({ packages: { '': {}, 'node_modules/a': { version, integrity: 'x' } } });

describe('npm packages', () => {
  it('are installed when the lock file has changed, and built against', async () => {
    sandbox.writeClone('package-lock.json', lockOf('2.0.0'));
    const run = await build();
    expect(run.stderr).toBe('[1/2] Installing npm packages\n[2/2] Building apictl and its services');
    expect(sandbox.calls('npm')).toEqual([
      'npm ci --ignore-scripts --no-audit --no-fund --loglevel=error',
      'npm run --silent build',
    ]);
  });

  it('are left alone the next time, without calling npm', async () => {
    sandbox.writeClone('package-lock.json', lockOf('2.0.0'));
    await build();
    const before = sandbox.calls('npm').length;
    expect((await build()).stderr).toBe('Everything is built.');
    expect(sandbox.calls('npm')).toHaveLength(before);
  });

  it('are left alone when somebody has installed exactly these by hand', async () => {
    rmSync(join(sandbox.clone, 'node_modules/.apictl-package-lock'));
    await build();
    expect(sandbox.calls('npm')).toEqual([]);
  });

  it('may lack optional packages of other platforms', async () => {
    const packages = {
      '': {},
      'node_modules/a': { version: '1.0.0', integrity: 'x' },
      'node_modules/mac-only': { version: '1.0.0', optional: true },
    };
    sandbox.writeClone('package-lock.json', JSON.stringify({ packages }));
    sandbox.age('package-lock.json', 60);
    await build();
    expect(sandbox.calls('npm')).toEqual([]);
  });

  it('are installed again when one is there that the lock file does not name', async () => {
    rmSync(join(sandbox.clone, 'node_modules/.apictl-package-lock'));
    sandbox.writeClone('package-lock.json', JSON.stringify({ packages: { '': {} } }));
    await build();
    expect(sandbox.calls('npm')[0]).toMatch(/^npm ci /);
  });

  it('that cannot be had are one error with the words of npm', async () => {
    sandbox.writeClone('package-lock.json', lockOf('2.0.0'));
    sandbox.setState('npm-fails', 'npm error code ENOTFOUND\nnpm error network request failed\n');
    const run = await build();
    expect(run.exitCode).toBe(8);
    expect(run.stderr.split('\n').at(-1)).toBe(
      'error: npm ci failed: npm error code ENOTFOUND npm error network request failed (log: .run/npm.log)',
    );
  });
});

describe('the build', () => {
  it('is left alone while nothing has changed', async () => {
    await build();
    expect(sandbox.calls('npm')).toEqual([]);
  });

  it('is repeated after an edit', async () => {
    sandbox.writeClone('dist/.built', '');
    sandbox.age('dist/.built', 30);
    sandbox.writeClone('src/main.ts', '// edited');
    await build();
    expect(sandbox.calls('npm')).toEqual(['npm run --silent build']);
  });

  it('is repeated after a source was removed', async () => {
    sandbox.writeClone('src/old.ts', '');
    sandbox.age('dist/.built', 30);
    rmSync(join(sandbox.clone, 'src/old.ts'));
    await build();
    expect(sandbox.calls('npm')).toEqual(['npm run --silent build']);
  });

  it('is repeated when a bundle of a service is gone', async () => {
    sandbox.writeClone('services/logging/build.mjs', '');
    sandbox.age('services/logging/build.mjs', 60);
    await build();
    expect(sandbox.calls('npm')).toEqual(['npm run --silent build']);
  });

  it('that fails shows its output, and is tried again the next time', async () => {
    sandbox.age('dist/.built', 30);
    sandbox.writeClone('src/main.ts', '// edited');
    sandbox.setState('npm-fails', 'src/main.ts(1,1): error TS1005\n');
    const run = await build();
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('src/main.ts(1,1): error TS1005\nerror: the build failed');
    sandbox.clearState('npm-fails');
    expect((await build()).exitCode).toBe(0);
    expect(readFileSync(join(sandbox.clone, 'dist/main.js'), 'utf8')).toBe('built\n');
  });
});
