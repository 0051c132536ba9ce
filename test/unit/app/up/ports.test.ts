import { beforeEach, describe, expect, it } from 'vitest';
import { configuredPorts } from '../../../../src/app/ports/configured.ts';
import { loadProject } from '../../../../src/app/project/project.ts';
import { stackUrls } from '../../../../src/app/project/urls.ts';
import type { UpOptions } from '../../../../src/app/up/model.ts';
import { portsToBeginWith, settlePorts } from '../../../../src/app/up/ports.ts';
import type { Choice } from '../../../../src/app/up/prepare.ts';
import type { World } from '../../../../src/app/world.ts';
import type { ContainerSummary } from '../../../../src/core/ports/engine.ts';
import { summary } from '../../../fakes/containers.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

let files: ReturnType<typeof memoryFiles>;
/** Ports of 127.0.0.1 that somebody else holds. */
let taken: Set<number>;
let said: string[];
let own: ContainerSummary[];
beforeEach(() => {
  files = memoryFiles({ '/shop/apictl.yaml': 'project: shop\n' });
  taken = new Set();
  said = [];
  own = [];
});

const world = () =>
  ({
    files,
    environment: {},
    workingFolder: '/shop',
    emit: (event: { readonly text?: string }) => said.push(event.text ?? ''),
    sockets: {
      probe: async (address: string, port: number) =>
        address === '127.0.0.1' && taken.has(port) ? 'taken' : 'free',
      holder: async () => ({ pid: 812, command: 'nginx' }),
    },
    engine: { publisher: async () => null },
  }) as unknown as World;

const open = () => loadProject(world(), {});

/** What `up` does about its ports. */
async function settle(wish: UpOptions['ports'], endpoint = 'unix:///var/run/docker.sock') {
  const before = await portsToBeginWith(world(), await open(), wish);
  const choice = { facts: { endpoint }, containers: own } as unknown as Choice;
  const wanted = configuredPorts(before.project.config);
  return (await settlePorts(world(), before, { wish, wanted, choice })).config.ports;
}

const MEMORY = '/shop/.apictl/ports.json';

describe('up --free-ports', () => {
  it('takes the next free port that no other service is to have, and says what it did', async () => {
    taken = new Set([8000, 8004, 9090]);
    expect(await settle('free')).toMatchObject({ proxy: 8005, admin: 8001, prometheus: 9091 });
    expect(said).toEqual([
      'port 8000 is held by nginx (pid 812): kong is published on 8005 (ports.proxy)',
      'port 9090 is held by nginx (pid 812): prometheus is published on 9091 (ports.prometheus)',
    ]);
  });

  it('never gives two services the same one', async () => {
    taken = new Set([8000, 8001, 8002, 8003]);
    const ports = await settle('free');
    expect(new Set(Object.values(ports)).size).toBe(Object.keys(ports).length);
    expect([ports.proxy, ports.admin, ports.manager, ports.loggingAdmin]).toEqual([8004, 8005, 8006, 8007]);
  });

  it('is remembered: every later command and the next up have the same, whatever is free by then', async () => {
    taken = new Set([8000]);
    await settle('free');
    taken = new Set();
    const { config } = await open();
    expect(stackUrls(config, ['kong']).proxy).toBe('http://127.0.0.1:8004');
    expect((await settle('remembered')).proxy).toBe(8004);
  });

  it('keeps what the stack itself publishes', async () => {
    taken = new Set([8000]);
    await settle('free');
    taken = new Set([8000, 8004]);
    own = [
      summary({
        service: 'kong',
        ports: [{ hostAddress: '127.0.0.1', hostPort: 8004, containerPort: 8000, protocol: 'tcp' }],
      }),
    ];
    expect((await settle('free')).proxy).toBe(8004);
  });

  it('moves on when somebody has taken the remembered one, and can still go back to the configured one', async () => {
    taken = new Set([8000]);
    await settle('free');
    taken = new Set([8000, 8004]);
    expect((await settle('free')).proxy).toBe(8005);
    taken = new Set();
    expect((await settle('configured')).proxy).toBe(8000);
    expect(files.content.has(MEMORY)).toBe(false);
  });

  it('says of an engine elsewhere that its ports cannot be looked at', async () => {
    taken = new Set([8000]);
    expect((await settle('free', 'tcp://build.example:2376')).proxy).toBe(8000);
    expect(said.join()).toContain('cannot be looked at');
  });
});

describe('a remembered port', () => {
  it('is refused when it is held, with the flag in the hint', async () => {
    taken = new Set([8000]);
    await settle('free');
    taken = new Set([8004]);
    await expect(settle('remembered')).rejects.toMatchObject({
      code: 'PORT_HELD',
      object: 'port 8004',
      hint: expect.stringContaining('"apictl up --free-ports"'),
    });
  });

  it('lapses when the configured port changes, or when another service is configured to have it', async () => {
    taken = new Set([8000]);
    await settle('free');
    taken = new Set();
    await files.write('/shop/apictl.yaml', 'project: shop\nports: { proxy: 18000 }\n');
    expect((await open()).config.ports.proxy).toBe(18_000);
    await files.write('/shop/apictl.yaml', 'project: shop\nports: { grafana: 8004 }\n');
    expect((await open()).config.ports).toMatchObject({ proxy: 8000, grafana: 8004 });
  });

  it('has the number of its format, and holds where an apictl before that wrote it', async () => {
    taken = new Set([8000]);
    await settle('free');
    const entry = { proxy: { configured: 8000, used: 8004 } };
    expect(JSON.parse(files.content.get(MEMORY)?.toString('utf8') ?? '')).toEqual({ format: 1, ...entry });
    await files.write(MEMORY, JSON.stringify(entry));
    expect((await open()).config.ports.proxy).toBe(8004);
  });

  it('that a newer apictl wrote is never read as something else', async () => {
    await files.write(MEMORY, '{"format":2,"proxy":{"configured":8000,"used":8004}}');
    await expect(open()).rejects.toMatchObject({
      code: 'STATE_NEWER',
      exitCode: 64,
      object: MEMORY,
      message: `${MEMORY} was written by a newer apictl (format 2; this one knows 1); nothing was touched`,
      hint: 'Update apictl, or finish with the newer one what it has begun.',
    });
  });

  it.each([
    '',
    '{"format":0}',
    '{"format":"1"}',
    '{"format":1.5}',
    '{"proxy":',
    '{"proxy":{"configured":8000,"used":70000}}',
    '{"nobody":1}',
  ])('that cannot be read (%j) is an error, because nobody knows where the stack listens', async (text) => {
    await files.write(MEMORY, text);
    await expect(open()).rejects.toMatchObject({ code: 'PORTS_UNREADABLE', exitCode: 64, object: MEMORY });
  });
});
