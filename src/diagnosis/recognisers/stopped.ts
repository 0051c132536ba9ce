import type { Rule } from '../model.ts';

/** How a container ends that was told to stop: by itself at SIGTERM, or by the signal. */
const STOPPED: ReadonlySet<number> = new Set([0, 137, 143]);

/** The engine starts again whatever ends by itself under these. It remembers only of what it was told to stop that it shall not. */
const ALWAYS_RESTARTED: ReadonlySet<string> = new Set(['always', 'unless-stopped']);

export const stopped: Rule = {
  id: 'stopped',
  weight: 'certain',
  failure: 'its container was stopped from outside (`docker stop`) and not started again',
  remedy: '`apictl up`',
  recognise: ({ ending, details, exitCode, service }) =>
    ending !== 'ended' ||
    details?.state !== 'exited' ||
    details.oomKilled ||
    !ALWAYS_RESTARTED.has(details.restartPolicy) ||
    !STOPPED.has(exitCode ?? details.exitCode)
      ? undefined
      : {
          cause: 'was stopped from outside (docker stop) and not started again',
          hint: `Start it again with "apictl up ${service}".`,
        },
};
