import type { Command, CommanderError } from 'commander';
import { nearestWord } from '../core/nearest-word.ts';
import { commandNamed } from './program.ts';

/** A usage error in our words, before it becomes an ApictlError. */
export interface UsageProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const CODES: Readonly<Record<string, string>> = {
  'commander.unknownOption': 'OPTION_UNKNOWN',
  'commander.unknownCommand': 'COMMAND_UNKNOWN',
  'commander.invalidArgument': 'OPTION_INVALID',
  'commander.optionMissingArgument': 'OPTION_VALUE_MISSING',
  'commander.missingArgument': 'ARGUMENT_MISSING',
  'commander.excessArguments': 'ARGUMENT_SURPLUS',
  'commander.conflictingOption': 'OPTION_CONFLICT',
  'commander.help': 'COMMAND_MISSING',
};

/** Commander's text in two parts: what is wrong with the words, and the word that was probably meant. */
export function usageProblem(
  thrown: CommanderError,
  program: Command,
  words: readonly string[],
): UsageProblem {
  const { path, command } = commandNamed(program, words);
  const [first = '', ...rest] = thrown.message.replace(/^error: /, '').split('\n');
  const nearest =
    /^\(Did you mean (.+)\?\)$/.exec(rest.join(' '))?.[1] ??
    (thrown.code === 'commander.excessArguments' ? nearestCommand(command, words) : nearestChoice(first));
  return {
    code: CODES[thrown.code] ?? 'USAGE',
    message: thrown.code === 'commander.help' ? `"${path}" needs a command` : first.replace(/\.$/, ''),
    hint: nearest === undefined ? `"${path} --help" lists what there is.` : `Did you mean ${nearest}?`,
  };
}

/** A command that works without a command below it takes the misspelt name of one for an argument. */
function nearestCommand(command: Command, words: readonly string[]): string | undefined {
  const names = command.commands.map((child) => child.name());
  return words
    .slice(words.lastIndexOf(command.name()) + 1)
    .map((word) => nearestWord(word, names))
    .find((name) => name !== undefined);
}

/** Commander suggests names of options and commands; this does it for the values that an option takes. */
function nearestChoice(message: string): string | undefined {
  const [, given = '', listed] =
    /argument '(.*)' is invalid\. Allowed choices are (.+)\.$/.exec(message) ?? [];
  if (listed === undefined) return undefined;
  const choices = listed.split(', ');
  const wrong = given.split(',').find((word) => !choices.includes(word));
  return wrong === undefined ? undefined : nearestWord(wrong, choices);
}
