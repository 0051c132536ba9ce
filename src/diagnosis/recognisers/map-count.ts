import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const mapCount: Rule = {
  id: 'map-count',
  weight: 'certain',
  failure:
    'Elasticsearch refuses to start because the kernel setting `vm.max_map_count` is too low (exit code 78)',
  remedy:
    '`sudo sysctl -w vm.max_map_count=262144` on the engine’s machine, and in `/etc/sysctl.d` to keep it',
  recognise: (facts) => {
    const found = heard(
      facts,
      /vm\.max_map_count \[(\d+)\] (?:is|likely) too low, increase to at least \[(\d+)\]/,
    );
    return found === undefined
      ? undefined
      : {
          cause: `refuses to start: vm.max_map_count is ${found.match[1]} and must be ${found.match[2]} or more`,
          hint: `Run "sudo sysctl -w vm.max_map_count=${found.match[2]}" on the engine’s machine and put it into /etc/sysctl.d to keep it.`,
        };
  },
};
