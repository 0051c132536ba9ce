import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { ApictlError, EXIT, messageOf } from '../../core/errors.ts';
import type { RenderedStack } from '../../stack/render/render-stack.ts';
import { cacheFiles, readCached } from '../project/cache-files.ts';
import { apictlFolder, type Project } from '../project/project.ts';
import { ownRuleFile } from '../render/rendered.ts';
import type { World } from '../world.ts';

/**
 * The rules and receivers of the configuration, read by Prometheus' and Alertmanager's own check programs where the engine has
 * their images; before that, `rendered.ts` and the schema have judged them without. Who configures none of either pays nothing.
 */

type Tools = Pick<World, 'imagePrograms' | 'files' | 'clock' | 'emit' | 'signal'>;

/** A program that was to read something. */
export interface ToolResult {
  readonly tool: 'promtool' | 'amtool';
  /** `missing`: the engine has no image with it; `failed`: it could not be run. */
  readonly state: 'accepted' | 'missing' | 'failed';
  /** What was, or was not, read by it, and why: a sentence. */
  readonly text: string;
}

interface Reading {
  readonly tool: ToolResult['tool'];
  readonly image: string;
  /** As `alerting.rules`. */
  readonly what: string;
  readonly question: { readonly argv: readonly string[]; readonly files: Readonly<Record<string, string>> };
  readonly complaints: (output: string) => Promise<readonly string[]> | readonly string[];
}

const TIMEOUT_MS = 20_000;

/**
 * @param remember whether what was accepted is written down in `.apictl`, so that only a change is read again
 * @throws ApictlError RULES_INVALID, RECEIVERS_INVALID (64) with every complaint and its place
 */
export async function checkAlerting(
  world: Tools,
  project: Project,
  stack: RenderedStack,
  { remember }: { readonly remember: boolean },
): Promise<readonly ToolResult[]> {
  const readings = await readingsOf(world, project, stack);
  if (readings.length === 0) return [];
  const known = await accepted(world, project);
  const results = await Promise.all(
    readings.map(async (reading) => {
      const digest = digestOf(reading);
      const isKnown = known.includes(digest);
      return { reading, digest, ...(isKnown ? ACCEPTED : await read(world, reading)) };
    }),
  );
  const refused = results.filter(({ complaints }) => complaints.length > 0);
  if (refused.length > 0) throw refusal(refused);
  const fresh = results.filter(({ state }) => state === 'accepted').map(({ digest }) => digest);
  if (remember && fresh.some((digest) => !known.includes(digest)))
    await cacheFiles(world).write(acceptedFile(project), `${JSON.stringify(fresh)}\n`);
  return results.map(({ reading: { tool, what, image }, state, why }) => ({
    tool,
    state,
    text:
      state === 'accepted' ? `${tool} of ${image} accepts ${what}` : `${tool} has not read ${what}: ${why}`,
  }));
}

/** Tells what no program has read: what apictl itself knows of rules and receivers is less. */
export function tellUnread(world: Pick<World, 'emit'>, results: readonly ToolResult[]): void {
  for (const { state, text } of results)
    if (state !== 'accepted') world.emit({ type: 'note', text: `${text}; apictl’s own checks have passed` });
}

async function readingsOf(world: Tools, project: Project, stack: RenderedStack): Promise<Reading[]> {
  const { rules, receivers } = project.config.alerting;
  if (rules.length === 0 && receivers.length === 0) return [];
  // Loads a parser of YAML, which hardly any run needs.
  const tools = await import('../../monitoring/tool-checks.ts');
  const textOf = (path: string): string | undefined =>
    stack.files.find((file) => file.path === path)?.content;
  const imageOf = (service: string): string => stack.compose.services[service]?.image ?? '';
  const readings: Reading[] = [];
  const ruleTexts = rules.flatMap((path) => {
    const text = textOf(ownRuleFile(path));
    return text === undefined ? [] : [{ path, text }];
  });
  if (ruleTexts.length > 0)
    readings.push({
      tool: 'promtool',
      image: imageOf('prometheus'),
      what: 'alerting.rules',
      question: tools.rulesQuestion(ruleTexts),
      complaints: (output) => tools.complaintsOfRules(ruleTexts, output),
    });
  const routing = textOf('config/alertmanager/alertmanager.yml');
  if (receivers.length > 0 && routing !== undefined) {
    const names = receivers.map(({ name }) => name);
    readings.push({
      tool: 'amtool',
      image: imageOf('alertmanager'),
      what: 'alerting.receivers',
      question: tools.receiversQuestion(routing),
      complaints: async (output) => inFile(world, project, tools.complaintsOfReceivers(names, output)),
    });
  }
  return readings;
}

interface Answer {
  readonly state: ToolResult['state'];
  readonly why: string;
  readonly complaints: readonly string[];
}
const ACCEPTED: Answer = { state: 'accepted', why: '', complaints: [] };

async function read({ imagePrograms, signal }: Tools, reading: Reading): Promise<Answer> {
  const { image, question, tool } = reading;
  const program = { image, timeoutMs: TIMEOUT_MS, ...question };
  const unread = (state: 'missing' | 'failed', why: string): Answer => ({ state, why, complaints: [] });
  try {
    const end = await imagePrograms.run(program, signal);
    if (end === null) return unread('missing', `the engine has no image ${image}`);
    if (end.exitCode === 0) return ACCEPTED;
    // Only 1 is its verdict; everything else says that it did not come to one.
    if (end.exitCode !== 1) return unread('failed', `it ended with exit code ${end.exitCode}`);
    const complaints = await reading.complaints(end.output);
    return { ...ACCEPTED, complaints: complaints.map((complaint) => `${complaint} (${tool})`) };
  } catch (thrown) {
    signal.throwIfAborted();
    return unread('failed', messageOf(thrown));
  }
}

/** Each with the line of apictl.yaml where its value stands, if it stands there. */
async function inFile(
  { files }: Tools,
  { file }: Project,
  complaints: readonly string[],
): Promise<readonly string[]> {
  const text = file === undefined ? undefined : (await files.read(file))?.toString('utf8');
  if (file === undefined || text === undefined) return complaints;
  const { withLines } = await import('../../config/yaml-file.ts');
  return withLines(text, complaints).map((complaint) => `${basename(file)}: ${complaint}`);
}

const digestOf = ({ image, question }: Reading): string =>
  createHash('sha256')
    .update(JSON.stringify([image, question]))
    .digest('hex');

const acceptedFile = ({ root }: Project): string => join(apictlFolder(root), 'accepted.json');

/** The file is a cache: without it, or where it is damaged, everything is read again. */
async function accepted({ files }: Tools, project: Project): Promise<readonly string[]> {
  const text = (await readCached(files, acceptedFile(project)))?.toString('utf8');
  try {
    return z.array(z.string()).parse(JSON.parse(text ?? '[]'));
  } catch {
    return [];
  }
}

function refusal(refused: readonly { readonly reading: Reading; readonly complaints: readonly string[] }[]) {
  const complaints = refused.flatMap(({ complaints: own }) => own);
  const [first = ''] = complaints;
  return new ApictlError({
    code: refused.some(({ reading }) => reading.tool === 'promtool') ? 'RULES_INVALID' : 'RECEIVERS_INVALID',
    exitCode: EXIT.usage,
    message:
      complaints.length === 1
        ? `alerting is refused: ${first}`
        : `the rules and receivers have ${complaints.length} problems`,
    object: refused.map(({ reading }) => reading.what).join(', '),
    details: complaints.length === 1 ? [] : complaints,
    hint: 'Correct the file; nothing has been written or started.',
  });
}
