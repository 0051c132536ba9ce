import type { Rule } from '../model.ts';

export const noContainer: Rule = {
  id: 'no-container',
  weight: 'vague',
  failure: 'it has no container',
  remedy: '`apictl up` creates it',
  recognise: ({ details, refusal }) =>
    refusal === '' && details === null ? { cause: 'has no container', hint: 'Run "apictl up".' } : undefined,
};
