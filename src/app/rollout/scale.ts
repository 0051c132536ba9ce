import * as z from 'zod';
import { recorded } from '../../config/record.ts';
import { configSchema } from '../../config/schema.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { issueWords } from '../../core/issue-words.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import { hostOfTarget } from '../../kong/targets.ts';
import type { Graph } from '../../stack/graph/graph.ts';
import { backendNames, isBackend } from '../../stack/render/backends.ts';
import { DIGEST_LABEL } from '../../stack/render/labels.ts';
import type { RenderedStack } from '../../stack/render/render-stack.ts';
import { RETIRE_TASK } from '../../stack/rollout/rolling.ts';
import type { Task } from '../../stack/schedule/run-graph.ts';
import { type Project, withReplicas } from '../project/project.ts';
import { upResultSchema } from '../up/model.ts';
import { type UpPreview, up } from '../up/up.ts';
import type { World } from '../world.ts';
import { gatewayNotRunning, nothingThere, whySingle } from './refusals.ts';
import { projectTargets } from './rotation.ts';
import { runningRotation } from './running-rotation.ts';

/** What `scale --json` prints. */
export const scaleResultSchema = z.object({
  service: z.string(),
  from: z.number().int().describe('Replicas that ran before.'),
  to: z.number().int(),
  recordedIn: z.string().describe('The file that says the number from now on.'),
  seconds: z.number(),
  services: upResultSchema.shape.services,
});
export type ScaleResult = z.output<typeof scaleResultSchema>;

export interface ScaleOptions {
  /** As typed: what is to have how many replicas. */
  readonly service: string;
  readonly replicas: number;
  /** Absolute path of apictl.yaml, which need not be there. */
  readonly configFile: string;
  readonly timeoutSeconds: number;
  readonly dryRun: boolean;
  readonly waitLockSeconds: number;
}

/** The one service of which there may be several. */
const SCALABLE = 'backend';
const VARIABLE = 'APICTL_BACKENDS_REPLICAS';

/**
 * Runs this many backends from now on: the number is written into apictl.yaml, new replicas get requests when they are healthy, and those
 * that are too many are drained before they stop.
 * @throws ApictlError SCALE_IMPOSSIBLE, REPLICAS_INVALID, REPLICAS_ELSEWHERE, TARGETS_DECLARED (64), STACK_NOT_UP, GATEWAY_NOT_RUNNING (4) before
 * anything is changed; otherwise as `up`
 */
export async function scale(
  world: World,
  project: Project,
  options: ScaleOptions,
): Promise<ScaleResult | UpPreview> {
  const { service, replicas, configFile } = options;
  const containers = await world.engine.containers(project.config.project);
  const command = `scale ${service}=${replicas}`;
  if (containers.length === 0) throw nothingThere(command);
  refuseOthers(service, containers);
  refuseNumber(replicas);
  refuseElsewhere(world, project);
  if (!runs(containers, (name) => name === 'kong')) throw gatewayNotRunning(command);
  const scaled = withReplicas(project, replicas);
  await refuseDeclaredTargets(world, scaled);

  const from = containers.filter((one) => isBackend(one.service) && one.state === 'running').length;
  const given = {
    ...options,
    services: [],
    seed: false,
    ports: 'remembered',
    build: false,
    pull: false,
  } as const;
  let isRecorded = false;
  const begin = async (): Promise<void> => {
    await record(world, configFile, replicas);
    isRecorded = true;
  };
  const variant = { command, services: followers, begin, tasks: rotationTasks };
  const result = await up(world, scaled, given, variant).catch((thrown: unknown) => {
    if (isRecorded && from !== replicas) {
      world.emit({
        type: 'warning',
        text: `${configFile} says ${replicas} replicas from now on; "apictl scale ${service}=${from}" goes back`,
      });
    }
    throw thrown;
  });
  if ('plan' in result) return result;
  return {
    service,
    from,
    to: replicas,
    recordedIn: configFile,
    seconds: result.seconds,
    services: result.services,
  };
}

const runs = (containers: readonly ContainerSummary[], isIt: (service: string) => boolean): boolean =>
  containers.some(({ service, state }) => isIt(service) && state === 'running');

/** The backends, and what is rendered from their number, as the targets that Prometheus asks. */
async function followers(
  stack: RenderedStack,
  surgeStack: () => Promise<RenderedStack>,
): Promise<readonly string[]> {
  const { services } = stack.compose;
  const other = (await surgeStack()).compose.services;
  return Object.keys(services).filter(
    (name) => isBackend(name) || services[name]?.labels[DIGEST_LABEL] !== other[name]?.labels[DIGEST_LABEL],
  );
}

/** Written before anything is made: whatever ends the run, the next "up" has the same number. */
async function record({ files }: Pick<World, 'files'>, path: string, replicas: number): Promise<void> {
  const before = await files.read(path);
  const text = before?.toString('utf8') ?? '';
  const after = recorded(text, ['backends', 'replicas'], replicas);
  const mode = (await files.stat(path))?.mode;
  if (after !== text) await files.write(path, after, mode);
}

/** When the new ones are ready the gateway is told of them; its other configuration is left alone. */
function rotationTasks(world: World, project: Project, graph: Graph): readonly Task[] {
  const replicas = graph.map(({ name }) => name).filter(isBackend);
  return [
    {
      id: 'rotation',
      dependsOn: [...replicas, RETIRE_TASK],
      run: async () => {
        const rotation = await runningRotation(world, project)();
        const containers = await world.engine.containers(project.config.project);
        for (const { service, id } of containers.filter((one) => replicas.includes(one.service)))
          await rotation.putBack({ service, containerId: id });
      },
    },
  ];
}

function refuseOthers(service: string, containers: readonly ContainerSummary[]): void {
  if (service === SCALABLE) return;
  const isThere = containers.some((one) => one.service === service);
  const why = isBackend(service)
    ? 'it is one replica; their number is that of "backend"'
    : isThere
      ? whySingle(service, containers)
      : 'this stack has no such service';
  throw new ApictlError({
    code: 'SCALE_IMPOSSIBLE',
    exitCode: EXIT.usage,
    message: `${service} cannot be scaled: ${why}; nothing was changed`,
    object: `service ${service}`,
    hint: 'Only the backends can be: "apictl scale backend=N".',
  });
}

function refuseNumber(replicas: number): void {
  const parsed = configSchema.safeParse({ backends: { replicas } });
  if (parsed.success) return;
  throw new ApictlError({
    code: 'REPLICAS_INVALID',
    exitCode: EXIT.usage,
    message: `there cannot be ${replicas} backends: their number ${parsed.error.issues.map(issueWords).join('; ')}`,
    object: 'backends.replicas',
    hint: replicas < 1 ? '"apictl down" stops all of them.' : 'Choose a smaller number; nothing was changed.',
  });
}

/** What is written into apictl.yaml would count for nothing. */
function refuseElsewhere({ environment }: Pick<World, 'environment'>, { dotenv }: Project): void {
  const where =
    environment[VARIABLE] !== undefined ? 'the environment' : dotenv[VARIABLE] !== undefined ? '.env' : null;
  if (where === null) return;
  throw new ApictlError({
    code: 'REPLICAS_ELSEWHERE',
    exitCode: EXIT.usage,
    message: `${VARIABLE} in ${where} says how many backends there are, and wins over apictl.yaml`,
    object: VARIABLE,
    hint: `Change it there and run "apictl up", or remove it and run this command again.`,
  });
}

/** Whoever writes the targets into kong.yaml decides about them. */
async function refuseDeclaredTargets(world: World, project: Project): Promise<void> {
  const hosts = new Set((await projectTargets(world, project)).map(hostOfTarget));
  const missing = backendNames(project.config).filter((name) => !hosts.has(name));
  if (missing.length === 0) return;
  throw new ApictlError({
    code: 'TARGETS_DECLARED',
    exitCode: EXIT.usage,
    message: `kong/kong.yaml names its targets itself, and ${missing.join(', ')} not among them: new replicas would get no request`,
    object: 'kong/kong.yaml',
    hint: 'Take "targets" out of the upstream, so that they follow backends.replicas, or add the new ones and run "apictl up".',
  });
}
