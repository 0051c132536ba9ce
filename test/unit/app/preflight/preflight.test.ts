import { describe, expect, it } from 'vitest';
import { heldPorts, refuseHeldPorts, refuseLowDisk } from '../../../../src/app/preflight/preflight.ts';
import type { Project } from '../../../../src/app/project/project.ts';
import type { World } from '../../../../src/app/world.ts';
import type { ApictlError } from '../../../../src/core/errors.ts';
import type { DiskFacts } from '../../../../src/core/ports/files.ts';
import { summary } from '../../../fakes/containers.ts';

const HERE = 'unix:///var/run/docker.sock';

/** A machine on which `taken` (`address:port`) is held: by whom `holders` and `publishers` say, by port. */
function machine(given: {
  readonly taken: readonly string[];
  readonly holders?: Readonly<Record<number, { readonly pid: number; readonly command: string }>>;
  readonly publishers?: Readonly<Record<number, { readonly name: string; readonly project: string }>>;
}) {
  return {
    sockets: {
      probe: async (address: string, port: number) =>
        given.taken.includes(`${address}:${port}`) ? ('taken' as const) : ('free' as const),
      holder: async (_address: string, port: number) => given.holders?.[port] ?? null,
    },
    engine: { publisher: async (port: number) => given.publishers?.[port] ?? null },
  } as unknown as Pick<World, 'sockets' | 'engine'>;
}

const want = (port: number, address = '127.0.0.1') => ({ service: 'kong', address, port });

describe('a port that is wanted', () => {
  it('is held by a process, a container of another project, or somebody who cannot be seen: all are told', async () => {
    const world = machine({
      taken: ['127.0.0.1:8000', '127.0.0.1:8001', '127.0.0.1:8002'],
      holders: { 8000: { pid: 812, command: 'nginx' } },
      publishers: { 8001: { name: 'shop-web-1', project: 'shop' } },
    });
    const held = await heldPorts(world, [want(8000), want(8001), want(8002), want(8003)], [], HERE);
    expect(held.map(({ port, holder }) => [port, holder])).toEqual([
      [8000, 'held by nginx (pid 812)'],
      [8001, 'held by container shop-web-1 of project shop'],
      [8002, 'held by a process whose owner is not visible to this user'],
    ]);
    expect(held[1]?.hint).toContain('docker compose -p shop down');
    expect(held[2]?.hint).toContain("sudo ss -ltnp 'sport = :8002'");
    expect(() => refuseHeldPorts(held)).toThrow(
      expect.objectContaining({ code: 'PORT_HELD', exitCode: 8, object: 'port 8000, port 8001, port 8002' }),
    );
  });

  it.each([
    ['127.0.0.1', '::1'],
    ['0.0.0.0', '::'],
  ])('at %s is held too when it is taken at %s only', async (address, twin) => {
    const world = machine({
      taken: [`${twin}:8000`],
      holders: { 8000: { pid: 7, command: 'node' } },
    });
    const held = await heldPorts(world, [want(8000, address)], [], HERE);
    expect(held[0]?.holder).toBe(`held by node (pid 7), on IPv6 only ([${twin}])`);
  });

  it('is fine where the stack itself has it, running or paused, and where the engine is elsewhere', async () => {
    const world = machine({ taken: ['127.0.0.1:8000'] });
    const ports = [{ hostAddress: '127.0.0.1', hostPort: 8000, containerPort: 8000, protocol: 'tcp' }];
    for (const state of ['running', 'paused'] as const)
      expect(
        await heldPorts(world, [want(8000)], [summary({ service: 'kong', state, ports })], HERE),
      ).toEqual([]);
    expect(await heldPorts(world, [want(8000)], [], 'tcp://build.example:2376')).toEqual([]);
  });

  it('is not fine where a stopped container of the stack had it and somebody else took it', async () => {
    const world = machine({ taken: ['127.0.0.1:8000'] });
    const own = [summary({ service: 'kong', state: 'exited' })];
    expect(await heldPorts(world, [want(8000)], own, HERE)).toHaveLength(1);
  });
});

describe('a disk', () => {
  const MIB = 1024 ** 2;
  const project = { root: '/work/shop' } as Project;
  const facts = { endpoint: HERE, dataFolder: '/var/lib/docker' };
  const disks = (free: Readonly<Record<string, number>>) => ({
    files: {
      disk: async (path: string): Promise<DiskFacts | null> => {
        const freeBytes = free[path];
        return freeBytes === undefined ? null : { mountPoint: '/', freeBytes, totalBytes: 20 * 1024 * MIB };
      },
    } as unknown as World['files'],
  });

  it('that is too full is refused with the numbers and the file system, all at once', async () => {
    const refused = await refuseLowDisk(
      disks({ '/work/shop': 3 * MIB, '/var/lib/docker': 512 * MIB }),
      project,
      facts,
    ).catch((thrown: ApictlError) => thrown);
    expect(refused).toMatchObject({
      code: 'DISK_LOW',
      exitCode: 8,
      message:
        '3 MiB of 20.0 GiB are free on /, where /work/shop lies; 32 MiB are wanted; 512 MiB of 20.0 GiB are free on /, where /var/lib/docker lies; 1.0 GiB are wanted',
    });
  });

  it('with room is fine, and one that cannot be seen from here is no obstacle', async () => {
    await expect(refuseLowDisk(disks({ '/work/shop': 64 * MIB }), project, facts)).resolves.toBeUndefined();
  });

  it('of an engine on another machine is none of ours', async () => {
    const elsewhere = { ...facts, endpoint: 'ssh://build.example' };
    const world = disks({ '/work/shop': 64 * MIB, '/var/lib/docker': 0 });
    await expect(refuseLowDisk(world, project, elsewhere)).resolves.toBeUndefined();
  });
});
