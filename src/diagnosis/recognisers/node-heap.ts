import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const nodeHeap: Rule = {
  id: 'node-heap',
  weight: 'certain',
  failure: 'a Node.js service used up its heap (`JavaScript heap out of memory`)',
  remedy: 'a higher `mem_limit` in `compose.override.yaml`',
  recognise: (facts) =>
    heard(facts, /JavaScript heap out of memory/) === undefined
      ? undefined
      : {
          cause: 'used up its heap (JavaScript heap out of memory)',
          hint: `Give ${facts.service} more memory in compose.override.yaml (mem_limit); Node.js sizes its heap by it.`,
        },
};
