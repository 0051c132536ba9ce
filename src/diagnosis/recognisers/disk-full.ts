import type { Rule } from '../model.ts';
import { heard, originNote } from '../said.ts';

export const diskFull: Rule = {
  id: 'disk-full',
  weight: 'certain',
  failure: 'the disk, a volume or a memory file system is full (`No space left on device`)',
  remedy: 'free space (`docker system df` says what the engine holds), then `apictl up`',
  recognise: (facts) => {
    const found = heard(
      facts,
      /no space left on device/i,
      /disk quota exceeded/i,
      /flood[- ]stage disk watermark/,
    );
    if (found === undefined) return undefined;
    const path = /(\/[\w./-]+)/.exec(found.line)?.[1];
    return {
      cause: `ran out of disk space${path === undefined ? '' : originNote(facts, path)}: ${found.line}`,
      hint: 'Free some space ("docker system df" says what the engine holds, "apictl doctor" what is left) and run "apictl up" again.',
    };
  },
};
