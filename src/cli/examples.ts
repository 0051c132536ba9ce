import type { Command } from 'commander';

/** What is typed, and what it does. */
export type Example = readonly [typed: string, does: string];

/** Shows examples below a command's help. */
export function withExamples(command: Command, ...examples: readonly Example[]): Command {
  const width = Math.max(...examples.map(([typed]) => typed.length));
  const lines = examples.map(([typed, does]) => `  ${typed.padEnd(width)}  ${does}`);
  // Side by side where that fits an ordinary terminal, else one below the other.
  const fits = lines.every((line) => line.length <= 80);
  const shown = fits ? lines : examples.flatMap(([typed, does]) => [`  ${typed}`, `      ${does}`]);
  return command.addHelpText('after', `\nExamples:\n${shown.join('\n')}`);
}
