import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const wrongArchitecture: Rule = {
  id: 'wrong-architecture',
  weight: 'certain',
  failure: 'its image is made for another processor (`exec format error`), or its script has no `#!` line',
  remedy: 'pull or build the image for this machine',
  recognise: (facts) =>
    heard(facts, /exec format error/i) === undefined
      ? undefined
      : {
          cause:
            'has a program that is made for another kind of processor, or is a script without a "#!" line (exec format error)',
          hint: 'Pull or build the image for this machine: "apictl images pull", or "apictl images build".',
        },
};
