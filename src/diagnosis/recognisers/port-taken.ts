import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const portTaken: Rule = {
  id: 'port-taken',
  weight: 'certain',
  failure: 'a port of the host that it publishes is held by a container or a process',
  remedy: '`apictl doctor` names the holder: stop it, or choose another port in `apictl.yaml`',
  recognise: (facts) => {
    const found = heard(
      facts,
      /Bind for (\S+):(\d+) failed: port is already allocated/,
      /listen (?:tcp|udp)[46]? (\S+):(\d+): bind: address already in use/,
      /ports are not available: exposing port TCP (\S+):(\d+)/,
    );
    return found === undefined
      ? undefined
      : {
          cause: `could not be started: port ${found.match[2]} at ${found.match[1]} is held by somebody else`,
          hint: `Run "apictl doctor", which names the holder of port ${found.match[2]}; stop it, or choose another port in apictl.yaml (section ports).`,
        };
  },
};
