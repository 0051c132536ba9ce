import { arch, release, type as systemName } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../../core/errors.ts';
import type { ContainerDetails, ContainerSummary, LogLine } from '../../../core/ports/engine.ts';
import { apictlFolder, composeFile, type Project } from '../../project/project.ts';
import { status } from '../../status/status.ts';
import { versionOf } from '../../version.ts';
import type { World } from '../../world.ts';
import { type Checks, doctor } from '../doctor.ts';
import { fileListing } from './listing.ts';
import type { Part } from './model.ts';

/** The last lines of each container. */
const LOG_LINES = 500;
/** The last runs of each health check. */
const CHECK_RUNS = 3;
/** Bytes of a health check's answer that the engine keeps. */
const ENGINE_CUTS_AT = 4096;

/**
 * Everything that a colleague needs, one file after the other; what cannot be had is told in its place. Nothing is masked yet.
 * `onChecks` gets what "doctor" found.
 */
export async function* parts(
  world: World,
  project: Project,
  onChecks: (checks: Checks['checks']) => void,
): AsyncIterable<Part> {
  yield* one('versions', async () => document('versions.json', 'versions', await versions(world)));
  yield document('configuration.json', 'the configuration, defaults included', {
    root: project.root,
    file: project.file ?? null,
    variables: variableNames(world, project),
    configuration: project.config,
  });
  yield await textFile(world, 'compose.yaml', 'the rendered Compose file', composeFile(project.root));
  yield* one('the findings of doctor', async () => {
    const found = await doctor(world, project);
    onChecks(found.checks);
    return document('doctor.json', 'the findings of doctor', found);
  });
  yield* one('status', async () => document('status.json', 'status', await status(world, project)));
  yield await textFile(
    world,
    'timings.json',
    'how long services took to start',
    join(apictlFolder(project.root), 'timings'),
  );
  yield* one('the list of files', async () => ({
    kind: 'text',
    path: 'files.txt',
    what: 'the files of the project with their modes, without their contents',
    text: await fileListing(world.files, project.root),
  }));
  yield* containerParts(world, project);
}

async function* containerParts(world: World, project: Project): AsyncIterable<Part> {
  let containers: ContainerSummary[];
  try {
    containers = await world.engine.containers(project.config.project);
  } catch (thrown) {
    yield { kind: 'missing', what: 'containers and their logs', why: messageOf(thrown) };
    return;
  }
  if (containers.length === 0) {
    yield { kind: 'missing', what: 'containers and their logs', why: 'the project has no containers' };
    return;
  }
  const states: unknown[] = [];
  for (const container of containers) {
    try {
      states.push(stateOf(container, await world.engine.inspect(container.id)));
    } catch (thrown) {
      yield { kind: 'missing', what: `the state of ${container.name}`, why: messageOf(thrown) };
    }
  }
  yield document('containers.json', 'the containers', states);
  for (const container of containers) {
    yield* one(`the log of ${container.name}`, async () => ({
      kind: 'text',
      path: `logs/${container.name.replaceAll(/[^\w.-]/g, '_')}.log`,
      what: `the last ${LOG_LINES} lines of ${container.name}`,
      text: (await world.engine.tail(container.id, LOG_LINES)).map(lineText).join(''),
    }));
  }
}

const document = (path: string, what: string, content: unknown): Part => ({
  kind: 'document',
  path,
  what,
  document: content,
});

/** The part, or why there is none: what is broken must not keep the rest from being seen. */
async function* one(what: string, make: () => Promise<Part>): AsyncIterable<Part> {
  yield await make().catch((thrown: unknown): Part => ({ kind: 'missing', what, why: messageOf(thrown) }));
}

async function textFile({ files }: World, path: string, what: string, at: string): Promise<Part> {
  try {
    const content = await files.read(at);
    if (content === null)
      return { kind: 'missing', what, why: `there is no ${at} yet; "apictl up" writes it` };
    return { kind: 'text', path, what, text: content.toString('utf8') };
  } catch (thrown) {
    return { kind: 'missing', what, why: messageOf(thrown) };
  }
}

async function versions(world: World) {
  const or = (work: Promise<unknown>) => work.catch((thrown: unknown) => ({ unknown: messageOf(thrown) }));
  return {
    apictl: await versionOf(world),
    node: process.version,
    system: systemName(),
    kernel: release(),
    architecture: arch(),
    engine: await or(world.engine.facts()),
    compose: await or(world.compose.version()),
  };
}

/** Which variables are set; what they say is in the configuration as far as it is ours. */
const variableNames = ({ environment }: World, { dotenv }: Project) => ({
  environment: Object.keys(environment).filter((name) => /^(APICTL|DOCKER|COMPOSE)_/.test(name)),
  dotenv: Object.keys(dotenv),
});

/** Labels are left out: they say nothing that is not in compose.yaml. */
const stateOf = (
  { statusText, ports, networks, createdMs }: ContainerSummary,
  { healthLog, startedMs, finishedMs, ...details }: ContainerDetails,
) => ({
  ...details,
  statusText,
  created: instant(createdMs),
  started: instant(startedMs),
  finished: instant(finishedMs),
  ports,
  networks,
  healthLog: healthLog
    .slice(-CHECK_RUNS)
    .map(({ endMs, output, ...run }) => ({ ...run, output: whole(output), end: instant(endMs) })),
});

/** The last word of what the engine has cut is left out: half a secret is not recognised. */
const whole = (output: string): string =>
  Buffer.byteLength(output) < ENGINE_CUTS_AT ? output : output.replace(/\S*$/, '…');

const instant = (ms: number | null): string | null =>
  ms === null || Number.isNaN(ms) ? null : new Date(ms).toISOString();

const lineText = ({ timestamp, stream, text }: LogLine): string => `${timestamp} ${stream} ${text}\n`;
