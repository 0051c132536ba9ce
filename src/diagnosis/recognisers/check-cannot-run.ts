import type { Rule } from '../model.ts';
import { lastLine } from '../said.ts';

const CANNOT_RUN: ReadonlySet<number> = new Set([126, 127]);

export const checkCannotRun: Rule = {
  id: 'check-cannot-run',
  weight: 'certain',
  failure: 'its health check cannot run: the image lacks the command',
  remedy: 'correct `backends.healthCommand`, or the image',
  recognise: ({ ending, checks, service }) => {
    const last = checks.at(-1);
    // A check fails like this too under a container that ends: then its end is what there is to explain.
    const cannot = ending !== 'ended' && last !== undefined && CANNOT_RUN.has(last.exitCode);
    if (ending !== 'broken-check' && !cannot) return undefined;
    const said = lastLine(last?.output ?? '') || 'command not found';
    return {
      cause: `has a health check that cannot run: ${said}`,
      hint: service.startsWith('backend')
        ? 'Correct backends.healthCommand in apictl.yaml, or put the command into the image.'
        : `Correct the health check of ${service} in compose.override.yaml, or the image.`,
    };
  },
};
