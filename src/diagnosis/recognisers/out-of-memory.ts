import type { Rule } from '../model.ts';

const MIB = 1024 ** 2;

export const outOfMemory: Rule = {
  id: 'out-of-memory',
  weight: 'certain',
  failure: 'the kernel ended it because it needed more than its limit of memory (`OOMKilled`, exit code 137)',
  remedy: 'a higher `mem_limit` in `compose.override.yaml`, or less work for it',
  recognise: ({ details, service, exitCode }) => {
    if (details === null || !details.oomKilled) return undefined;
    const limit = Math.round(details.memoryLimitBytes / MIB);
    const code = exitCode === null ? '' : ` (OOM, exit code ${exitCode})`;
    return {
      cause:
        limit === 0
          ? `was ended by the kernel because the machine ran out of memory${code}`
          : `was ended by the kernel because it needed more than its ${limit} MiB of memory${code}`,
      hint: `Give ${service} more in compose.override.yaml (services: { ${service}: { mem_limit: ${Math.max(limit, 64) * 2}m } }), or less to do.`,
    };
  },
};
