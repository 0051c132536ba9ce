import type { Command } from 'commander';
import { makeProgram } from './program.ts';
import { RESULT_SHAPES } from './result-shapes.ts';
import { shapeText } from './shape-text.ts';

const INTRODUCTION = `# Commands

What \`apictl COMMAND --help\` prints. Results go to stdout, progress to stderr; \`--json\` gives one document on stdout, whose shape stands below the help, and NDJSON events on stderr. In a shape \`?\` marks what may be absent. Exit codes: [exit-codes.md](exit-codes.md).
`;

/** `docs/commands.md`: the help of every command that does something, in the order of the help. */
export function commandsPage(): string {
  const unused = () => {};
  let written = '';
  const program = makeProgram({
    version: '',
    makeContext: () => Promise.reject(new Error('help needs no context')),
    onExit: unused,
    writeOut: (text) => {
      written += text;
    },
    writeErr: unused,
  });
  /** The help as it is printed, with its examples. */
  const helpOf = (command: Command): string => {
    written = '';
    command.configureHelp({ helpWidth: 80 }).outputHelp();
    return written.trimEnd();
  };
  return [INTRODUCTION, ...sections(program, [], helpOf)].join('\n');
}

function sections(
  command: Command,
  above: readonly string[],
  helpOf: (command: Command) => string,
): string[] {
  const words = [...above, command.name()];
  const isGroup = command.commands.length > 0 && command.options.length === 0;
  const shape = RESULT_SHAPES[words.slice(1).join(' ')];
  const document = shape === undefined ? '' : `\nWith \`--json\`:\n\n\`\`\`\n${shapeText(shape)}\n\`\`\`\n`;
  const own = isGroup ? [] : [`## ${words.join(' ')}\n\n\`\`\`\n${helpOf(command)}\n\`\`\`\n${document}`];
  return [...own, ...command.commands.flatMap((child) => sections(child, words, helpOf))];
}
