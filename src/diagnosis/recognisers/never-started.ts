import type { Rule } from '../model.ts';

export const neverStarted: Rule = {
  id: 'never-started',
  weight: 'vague',
  failure:
    'its container was created and never started, because what it waits for failed or `up` was interrupted',
  remedy: '`apictl up` goes on from there',
  recognise: ({ details, refusal, ending }) =>
    refusal === '' && ending === 'unhealthy' && details?.state === 'created'
      ? { cause: 'was created and never started', hint: 'Run "apictl up".' }
      : undefined,
};
