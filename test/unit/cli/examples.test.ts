import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { makeProgram } from '../../../src/cli/program.ts';

it('the help of every command has an example of that command', () => {
  let written = '';
  const program = makeProgram({
    version: '0.0.0',
    makeContext: async () => expect.unreachable('nothing is called'),
    onExit: () => {},
    writeOut: (text) => {
      written += text;
    },
    writeErr: () => {},
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
