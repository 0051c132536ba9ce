import { expect } from 'vitest';
import { makeProgram } from '../../src/cli/program.ts';

/** The program for whoever looks at its commands and options: none of them can be called. */
export const listedProgram = (writeOut: (text: string) => void = () => {}) =>
  makeProgram({
    version: '0.0.0',
    makeContext: async () => expect.unreachable('nothing is called'),
    onExit: () => {},
    writeOut,
    writeErr: () => {},
  });
