import { describe, expect, it } from 'vitest';
import { gatewayRotation } from '../../../../src/app/rollout/rotation.ts';
import { summary } from '../../../fakes/containers.ts';
import { failure } from '../../../fakes/seed-run.ts';
import { type ServedStack, servedStack } from '../../../fakes/served-stack.ts';

const ONE = { service: 'backend-1', containerId: 'id-backend-1' };
const FOUR = { service: 'backend-4', containerId: 'id-backend-4' };

const rotationOf = ({ world, project }: ServedStack) => gatewayRotation(world, project);
const warnings = ({ events }: ServedStack): string[] =>
  events.flatMap((event) => (event.type === 'warning' ? [event.text] : []));

describe('a replica that is taken out of rotation', () => {
  it('gets weight 0, and is out when it has no request in hand any more', async () => {
    const stack = servedStack();
    const answers = [2, 1, 0];
    stack.inFlight = () => answers.shift() ?? null;
    await (await rotationOf(stack)).takeOut(ONE);
    expect(stack.weights()).toEqual({ 'backend-1:8000': 0, 'backend-2:8000': 100, 'backend-3:8000': 100 });
    expect(stack.log).toEqual([
      'PATCH backend-1:8000 0'.replace(':', '%3A'),
      'exec id-backend-1',
      'exec id-backend-1',
      'exec id-backend-1',
    ]);
    expect(warnings(stack)).toEqual([]);
  });

  it('is not asked before the gateway has had the time to follow', async () => {
    const stack = servedStack();
    let askedMs: number | undefined;
    stack.inFlight = () => {
      askedMs ??= stack.world.clock.now();
      return 0;
    };
    await (await rotationOf(stack)).takeOut(ONE);
    expect(askedMs).toBeGreaterThanOrEqual(1_000);
  });

  it('that keeps a request for longer than it may is let go with a warning that says how many', async () => {
    const stack = servedStack({ backends: { drainSeconds: 5 } });
    stack.inFlight = () => 3;
    await (await rotationOf(stack)).takeOut(ONE);
    expect(stack.world.clock.now()).toBeGreaterThanOrEqual(6_000);
    expect(warnings(stack)).toEqual([
      'backend-1 has 3 requests in hand after 5 s (backends.drainSeconds); it is stopped all the same',
    ]);
  });

  describe('of an image that says nothing of its requests', () => {
    const HEAD =
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
    /** Of ports 8000 and 8001: what listens, what was closed, and what is open where it is said so. */
    const table = (...open: readonly string[]): string =>
      [
        HEAD,
        '   0: 00000000:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1',
        '   1: 0200000A:1F40 0300000A:C350 06 00000000:00000000 03:00000D2E 00000000     0        0 0 3',
        '   2: 0200000A:1F41 0300000A:C351 01 00000000:00000000 00:00000000 00000000  1000        0 4243 1',
        ...open.map((state) => `   3: 0200000A:1F40 0300000A:C352 ${state} 00000000:00000000 00:00000000`),
      ].join('\n');
    const own = () => servedStack({ backends: { image: 'shop/api:1', drainSeconds: 5 } });
    const asked = ({ log }: ServedStack): number => log.filter((line) => line.startsWith('exec')).length;

    it('is out as soon as the kernel has no connection to its port', async () => {
      const stack = own();
      const answers = [table('01'), table('08'), `${table()}\ncat: can't open '/proc/net/tcp6'`];
      stack.connections = () => {
        const output = answers.shift() ?? '';
        return { exitCode: output.includes('cat:') ? 1 : 0, output };
      };
      await (await rotationOf(stack)).takeOut(ONE);
      expect([asked(stack), answers]).toEqual([3, []]);
      expect(stack.world.clock.now()).toBeLessThan(2_000);
    });

    it('gets all of the time while there is one, without a word: the gateway keeps them open', async () => {
      const stack = own();
      stack.connections = () => ({ exitCode: 0, output: table('01') });
      await (await rotationOf(stack)).takeOut(ONE);
      expect(stack.world.clock.now()).toBeGreaterThanOrEqual(6_000);
      expect(warnings(stack)).toEqual([]);
    });

    it('gets all of the time where it cannot be asked, and is asked once', async () => {
      const stack = own();
      await (await rotationOf(stack)).takeOut(ONE);
      expect(stack.world.clock.now()).toBeGreaterThanOrEqual(6_000);
      expect([asked(stack), warnings(stack)]).toEqual([1, []]);
    });
  });

  it('is taken out of every upstream that sends it requests', async () => {
    const stack = servedStack({
      kongYaml:
        'upstreams: [{ name: backend }, { name: orders, targets: [{ target: "backend-1:8000", weight: 30 }] }]',
    });
    const orders = stack.kong.put('upstreams', { name: 'orders' });
    for (const [target, weight] of [
      ['backend-1:8000', 30],
      ['elsewhere:80', 70],
    ] as const)
      stack.kong.put('targets', { target, weight, upstream: { id: orders.id } });
    const rotation = await rotationOf(stack);
    const ofOrders = () =>
      stack.kong
        .entities('targets')
        .filter(({ upstream }) => (upstream as { id: string }).id === orders.id)
        .map(({ target, weight }) => [target, weight]);
    await rotation.takeOut(ONE);
    expect(ofOrders()).toEqual([
      ['backend-1:8000', 0],
      ['elsewhere:80', 70],
    ]);
    await rotation.putBack(ONE);
    expect(ofOrders()).toEqual([
      ['backend-1:8000', 30],
      ['elsewhere:80', 70],
    ]);
  });

  it('that the gateway sends nothing to is out already', async () => {
    const stack = servedStack();
    await (await rotationOf(stack)).takeOut(FOUR);
    expect(stack.log).toEqual([]);
  });

  it('that does not run gets no request from then on, whether another one serves or not, and is not waited for', async () => {
    const stack = servedStack({ replicas: 1 });
    stack.containers.splice(0, 1, summary({ service: 'backend-1', state: 'exited' }));
    await (await rotationOf(stack)).takeOut(ONE);
    expect(stack.weights()).toEqual({ 'backend-1:8000': 0 });
    expect(stack.log).toEqual(['PATCH backend-1%3A8000 0']);
  });

  it('stays in where no other one is healthy', async () => {
    const stack = servedStack({ replicas: 2 });
    stack.kong.health = (target) => ({
      health: target === 'backend-2:8000' ? 'UNHEALTHY' : 'HEALTHY',
      addresses: [],
    });
    const error = await failure((await rotationOf(stack)).takeOut(ONE));
    expect(error).toMatchObject({ code: 'NO_OTHER_REPLICA', exitCode: 4, object: 'target backend-1:8000' });
    expect(stack.log).toEqual([]);
  });

  it('is back in when the run is interrupted while it drains', async () => {
    const stack = servedStack();
    stack.inFlight = () => {
      stack.interrupt();
      return 1;
    };
    await expect((await rotationOf(stack)).takeOut(ONE)).rejects.toBe('SIGINT');
    expect(stack.weights()).toMatchObject({ 'backend-1:8000': 100 });
  });

  it.each([
    [503, { code: 'KONG_FAILING', exitCode: 6 }],
    ['reset', { code: 'KONG_UNREACHABLE', exitCode: 6 }],
    ['refuse', { code: 'KONG_REFUSED', exitCode: 6 }],
  ] as const)('is in as before where the gateway answers the write with %s', async (fault, expected) => {
    const stack = servedStack();
    stack.kong.onRequest = (_write, request) => (request.startsWith('PATCH') ? fault : undefined);
    expect(await failure((await rotationOf(stack)).takeOut(ONE))).toMatchObject(expected);
    expect(stack.weights()).toMatchObject({ 'backend-1:8000': 100 });
  });
});

describe('a replica that is put back', () => {
  it('with another address gets requests when the gateway knows that address', async () => {
    const stack = servedStack();
    const rotation = await rotationOf(stack);
    await rotation.takeOut(ONE);
    const known = ['10.0.0.1', '10.0.0.1', '10.0.0.9'];
    const patched: string[] = [];
    stack.kong.onRequest = (write, request) => {
      if (write > 0) patched.push(`${request} with ${known.length} addresses to come`);
      return undefined;
    };
    stack.containers.splice(0, 1, {
      ...(stack.containers[0] ?? expect.fail('no container')),
      networks: { 'apictl_kong-net': { networkId: 'n', address: '10.0.0.9' } },
    });
    stack.kong.health = (target) => ({
      health: 'HEALTHY',
      addresses: target === 'backend-1:8000' ? [known.length > 1 ? (known.shift() ?? '') : '10.0.0.9'] : [],
    });
    await rotation.putBack(ONE);
    expect(patched).toEqual([expect.stringContaining('with 1 addresses to come')]);
    expect(stack.weights()).toMatchObject({ 'backend-1:8000': 100 });
  });

  it('and that the gateway does not find healthy is told with what it finds', async () => {
    const stack = servedStack();
    stack.kong.health = () => ({ health: 'UNHEALTHY', addresses: ['10.0.0.1'] });
    expect(await failure((await rotationOf(stack)).putBack(ONE))).toMatchObject({
      code: 'REPLICA_NOT_TAKEN',
      exitCode: 4,
      message: 'backend-1 is healthy, but the gateway finds it UNHEALTHY at 10.0.0.1 after 30 s',
    });
  });
});

describe('a replica beyond the declared ones', () => {
  const withFour = () => {
    const stack = servedStack({ replicas: 4 });
    const target = stack.kong.entities('targets').find((one) => one.target === 'backend-4:8000');
    stack.kong.remove('targets', target?.id ?? '');
    const { config } = stack.project;
    return {
      ...stack,
      project: { ...stack.project, config: { ...config, backends: { ...config.backends, replicas: 3 } } },
    };
  };

  it('serves where another one does, and is forgotten without a trace', async () => {
    const stack = withFour();
    const rotation = await rotationOf(stack);
    await rotation.add(FOUR, 'backend-1');
    expect(stack.weights()).toMatchObject({ 'backend-4:8000': 100 });
    expect(stack.kong.entities('targets').at(-1)?.tags).toEqual(['managed-by:apictl', 'project:apictl']);
    await rotation.takeOut(FOUR);
    await rotation.forget('backend-4');
    expect(Object.keys(stack.weights())).toEqual(['backend-1:8000', 'backend-2:8000', 'backend-3:8000']);
  });

  it('whose answer to the addition is lost is added once', async () => {
    const stack = withFour();
    let lost = false;
    stack.kong.onRequest = (_write, request) => {
      if (lost || !request.startsWith('POST')) return undefined;
      lost = true;
      return 'reset-after';
    };
    await (await rotationOf(stack)).add(FOUR, 'backend-1');
    expect(stack.kong.entities('targets')).toHaveLength(4);
  });
});
