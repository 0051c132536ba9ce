import { describe, expect, it } from 'vitest';
import type { Project } from '../../../../src/app/project/project.ts';
import { type ScaleOptions, scale } from '../../../../src/app/rollout/scale.ts';
import type { World } from '../../../../src/app/world.ts';
import { summary } from '../../../fakes/containers.ts';
import { failure } from '../../../fakes/seed-run.ts';
import { servedStack } from '../../../fakes/served-stack.ts';

const PORT = { hostAddress: '127.0.0.1', hostPort: 8000, containerPort: 8000, protocol: 'tcp' };

const OPTIONS: Omit<ScaleOptions, 'service' | 'replicas'> = {
  configFile: '/srv/apictl.yaml',
  timeoutSeconds: 600,
  dryRun: false,
  waitLockSeconds: 0,
};

/** A stack that runs; every refusal comes before the lock, the first file and the first write. */
function running({ kong = true, kongYaml }: { readonly kong?: boolean; readonly kongYaml?: string } = {}) {
  const stack = servedStack(kongYaml === undefined ? {} : { kongYaml });
  stack.containers.push(summary({ service: 'postgres' }));
  if (kong) stack.containers.push(summary({ service: 'kong', ports: [PORT, { ...PORT, hostPort: 8443 }] }));
  return stack;
}

const refusal = (
  wish: string,
  { world, project }: { readonly world: World; readonly project: Project } = running(),
) => {
  const [service = '', replicas = ''] = wish.split('=');
  return failure(scale(world, project, { ...OPTIONS, service, replicas: Number(replicas) }));
};

describe('what cannot be scaled is refused with the reason', () => {
  it.each([
    ['kong=2', 'kong cannot be scaled: it holds ports 8000, 8443 of the host, which only one container can'],
    ['postgres=2', 'postgres cannot be scaled: it runs as a single instance, which nothing stands in for'],
    ['backend-1=2', 'backend-1 cannot be scaled: it is one replica; their number is that of "backend"'],
    ['web=2', 'web cannot be scaled: this stack has no such service'],
  ])('%s', async (wish, message) => {
    expect(await refusal(wish)).toMatchObject({
      code: 'SCALE_IMPOSSIBLE',
      exitCode: 64,
      message: `${message}; nothing was changed`,
      hint: 'Only the backends can be: "apictl scale backend=N".',
    });
  });

  it('whatever it is, of a stack that is not up', async () => {
    const stack = running();
    stack.containers.splice(0);
    expect(await refusal('kong=2', stack)).toMatchObject({ code: 'STACK_NOT_UP', exitCode: 4 });
  });

  it.each([
    ['backend=0', 'there cannot be 0 backends: their number must be at least 1', /"apictl down"/],
    [
      'backend=21',
      'there cannot be 21 backends: their number must be at most 20',
      /^Choose a smaller number/,
    ],
  ])('%s, because there are 1 to 20', async (wish, message, hint) => {
    expect(await refusal(wish)).toMatchObject({
      ...{ code: 'REPLICAS_INVALID', exitCode: 64, message },
      hint: expect.stringMatching(hint),
    });
  });

  it('a number that the environment or .env says, which would win over what is written', async () => {
    const stack = running();
    const environment = { APICTL_BACKENDS_REPLICAS: '3' };
    expect(await refusal('backend=4', { ...stack, world: { ...stack.world, environment } })).toMatchObject({
      code: 'REPLICAS_ELSEWHERE',
      exitCode: 64,
      message: expect.stringContaining('in the environment'),
    });
    expect(
      await refusal('backend=4', { ...stack, project: { ...stack.project, dotenv: environment } }),
    ).toMatchObject({ code: 'REPLICAS_ELSEWHERE', message: expect.stringContaining('in .env') });
  });

  it('backends whose targets kong.yaml names itself, because new ones would get no request', async () => {
    const kongYaml = 'upstreams: [{ name: backend, targets: [{ target: "backend-1:8000" }] }]';
    expect(await refusal('backend=3', running({ kongYaml }))).toMatchObject({
      code: 'TARGETS_DECLARED',
      exitCode: 64,
      message: expect.stringContaining('backend-2, backend-3 not among them'),
    });
  });

  it('a stack whose gateway does not run', async () => {
    expect(await refusal('backend=4', running({ kong: false }))).toMatchObject({
      code: 'GATEWAY_NOT_RUNNING',
      exitCode: 4,
      hint: 'Run "apictl up" first.',
    });
  });
});
