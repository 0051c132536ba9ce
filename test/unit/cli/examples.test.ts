import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { listedProgram } from '../../fakes/listed-program.ts';

it('the help of every command has an example of that command', () => {
  let written = '';
  const program = listedProgram((text) => {
    written += text;
  });
  const without: string[] = [];
  const visit = (command: Command, path: string): void => {
    written = '';
    command.outputHelp();
    const examples = written.split('\nExamples:\n')[1] ?? '';
    if (!examples.includes(path)) without.push(path);
    for (const child of command.commands) visit(child, `${path} ${child.name()}`);
  };
  visit(program, 'apictl');
  expect(without).toEqual([]);
});
