import type { Rule } from '../model.ts';

export const paused: Rule = {
  id: 'paused',
  weight: 'certain',
  failure: 'its container is paused',
  remedy: '`docker unpause CONTAINER`',
  recognise: ({ details }) =>
    details?.state === 'paused'
      ? { cause: 'is paused', hint: `Run "docker unpause ${details.name}".` }
      : undefined,
};
