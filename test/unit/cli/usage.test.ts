import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { CommanderError, exitCodeOf, makeProgram } from '../../../src/cli/program.ts';
import { type UsageProblem, usageProblem } from '../../../src/cli/usage.ts';

function program(write: (text: string) => void = () => {}): Command {
  return makeProgram({
    version: '1.2.3',
    makeContext: () => Promise.reject(new Error('no command may run')),
    onExit: () => {},
    writeOut: write,
    writeErr: write,
  });
}

/** What is said of words that no command takes. */
async function problemOf(text: string): Promise<UsageProblem> {
  const words = text.split(' ');
  const made = program();
  const thrown = await made.parseAsync(words, { from: 'user' }).catch((error: unknown) => error);
  if (!(thrown instanceof CommanderError)) throw new Error(`"${text}" was accepted`, { cause: thrown });
  expect(exitCodeOf(thrown)).toBe(64);
  return usageProblem(thrown, made, words);
}

function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}

describe('words that are not known', () => {
  it.each([
    ['statsu', 'COMMAND_UNKNOWN', 'Did you mean status?'],
    ['seed dif', 'ARGUMENT_SURPLUS', 'Did you mean diff?'],
    ['up --proflie core', 'OPTION_UNKNOWN', 'Did you mean --profile?'],
    ['logs --level warning', 'OPTION_INVALID', 'Did you mean warn?'],
    ['logs --level wran', 'OPTION_INVALID', 'Did you mean warn?'],
    ['graph --format mermiad', 'OPTION_INVALID', 'Did you mean mermaid?'],
    ['up --profile core,moniter', 'OPTION_INVALID', 'Did you mean monitoring?'],
    ['up --images offical', 'OPTION_INVALID', 'Did you mean official?'],
  ])('"%s" is told with the nearest word', async (words, code, hint) => {
    expect(await problemOf(words)).toMatchObject({ code, hint });
  });

  it.each([
    ['xyzzy', 'COMMAND_UNKNOWN', '"apictl --help" lists what there is.'],
    ['logs --level 7', 'OPTION_INVALID', '"apictl logs --help" lists what there is.'],
    ['up --timeout soon', 'OPTION_INVALID', '"apictl up --help" lists what there is.'],
    ['down --timeout', 'OPTION_VALUE_MISSING', '"apictl down --help" lists what there is.'],
    ['secrets show', 'ARGUMENT_MISSING', '"apictl secrets show --help" lists what there is.'],
    ['status kong', 'ARGUMENT_SURPLUS', '"apictl status --help" lists what there is.'],
    ['--quiet --verbose status', 'OPTION_CONFLICT', '"apictl status --help" lists what there is.'],
    ['images', 'COMMAND_MISSING', '"apictl images --help" lists what there is.'],
  ])('"%s" is told with the help to look at where no word is near', async (words, code, hint) => {
    expect(await problemOf(words)).toMatchObject({ code, hint });
  });

  it('refuses the id of a request that a variable did not give', async () => {
    for (const words of ['logs --request-id=', 'logs --request-id=\t'])
      expect(await problemOf(words)).toMatchObject({
        code: 'OPTION_INVALID',
        message: expect.stringMatching(/--request-id <id>.* It must not be empty$/),
      });
  });

  it.each([
    'seed --file=',
    'doctor --bundle=',
    'render --out=',
    'smoke --junit=',
    'restore a.tar --identity=',
    'certs import proxy --cert= --key=k.pem',
  ])('refuses "%s": an empty path is a variable that is not set, not the current folder', async (words) => {
    expect(await problemOf(words)).toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(/It must not be empty$/),
    });
  });

  it('says what a number must be', async () => {
    expect((await problemOf('up --timeout 0')).message).toBe(
      "option '--timeout <seconds>' argument '0' is invalid. It must be a whole number of at least 1",
    );
  });
});

it('shows one or two examples below the help of every command, no line of them too wide for a terminal', () => {
  for (const command of commandsOf(program())) {
    let help = '';
    command
      .configureOutput({
        writeOut: (text) => {
          help += text;
        },
      })
      .outputHelp();
    const examples = help.split('\nExamples:\n')[1] ?? '';
    const lines = examples.trimEnd().split('\n');
    expect(lines.filter((line) => /^ {2}(apictl|curl) /.test(line)).length, command.name()).toBeGreaterThan(
      0,
    );
    expect(Math.max(...lines.map((line) => line.length)), command.name()).toBeLessThanOrEqual(80);
  }
});
