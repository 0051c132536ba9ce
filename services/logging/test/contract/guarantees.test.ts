import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { killRounds } from '../support/kill-rounds.ts';
import { Oracle } from '../support/oracle.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { canMount, mountSmallDisk } from '../support/small-disk.ts';

describe('what was acknowledged', () => {
  it('is found once after kill -9 under load', async () => {
    await killRounds({ rounds: 4, aliveMs: [100, 700], seed: 1 });
  });

  it('is found once after a stop under load, which ends in time and with code 0', async () => {
    const service = await ServiceProcess.at(await scratchDirectory());
    await service.start();
    const oracle = new Oracle();
    const done = new AbortController();
    const producers = [1, 2, 3].map(() => oracle.produce(service, done.signal));
    await service.eventually('some obligations', async () => expect(oracle.owed).toBeGreaterThan(500));
    expect(await service.end('SIGTERM')).toBe(0);
    await service.start();
    done.abort();
    await Promise.all(producers);
    await oracle.settle(service);
  });

  it('survives a full disk: 503 with Retry-After, not ready, alive, and on by itself once there is room', {
    timeout: 120_000,
  }, async ({ skip }) => {
    skip(!canMount(), 'needs the right to mount a tmpfs');
    const root = await scratchDirectory();
    const data = await mountSmallDisk(root, '48m');
    const service = await ServiceProcess.at(root, {
      LOGGING_DATA_DIR: data,
      LOGGING_SEGMENT_SIZE: '1MiB',
      LOGGING_BUFFER_SIZE: '16MiB',
      LOGGING_RETENTION_SIZE: '16MiB',
    });
    await service.start();
    const pid = service.pid;
    const oracle = new Oracle();
    const done = new AbortController();
    const producers = [1, 2].map(() => oracle.produce(service, done.signal));
    await service.eventually('some obligations', async () => expect(oracle.owed).toBeGreaterThan(200));
    const filler = join(data, 'filler');
    // As dd would: until the file system takes nothing more.
    spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k']);
    await service.eventually('refusals', async () => expect(oracle.refusals).toBeGreaterThan(3));
    await service.eventually('not ready', async () =>
      expect((await fetch(`${service.ingest}/readyz`)).status).toBe(503),
    );
    expect((await fetch(`${service.ingest}/healthz`)).status).toBe(200);
    await rm(filler);
    await service.eventually('ready again', async () =>
      expect((await fetch(`${service.ingest}/readyz`)).status).toBe(200),
    );
    const owed = oracle.owed;
    await service.eventually('new obligations', async () => expect(oracle.owed).toBeGreaterThan(owed + 100));
    done.abort();
    await Promise.all(producers);
    expect(service.pid).toBe(pid);
    expect(service.isRunning).toBe(true);
    await oracle.settle(service);
    await service.end('SIGTERM');
  });
});

it('a second service on the same data refuses to start and says why', async () => {
  const root = await scratchDirectory();
  const first = await ServiceProcess.at(root);
  await first.start();
  const second = await ServiceProcess.at(root);
  const child = second.launch();
  await new Promise((resolve) => child.once('exit', resolve));
  expect(child.exitCode).toBe(1);
  expect(second.output).toContain('in use by another process');
  expect((await fetch(`${first.ingest}/readyz`)).status).toBe(200);
});
