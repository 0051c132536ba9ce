import { ApictlError } from '../../core/errors.ts';
import type { Commands } from '../../core/ports/commands.ts';
import { INDEX_FORMAT, type MachineSources, machineSources } from './machine-sources.ts';

const NO_APT: MachineSources = { lines: [], aptSettings: [], proxies: {}, needsHostNetwork: false };

/** Asks apt for the machine's mirrors and settings; a machine without apt has none. */
export async function readMachineSources(
  suite: string,
  ports: {
    readonly commands: Pick<Commands, 'run'>;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
  signal: AbortSignal,
): Promise<MachineSources> {
  // Its messages are not read, its settings are: no translation of either.
  const options = { signal, environment: { LC_ALL: 'C.UTF-8' } };
  try {
    const [targets, config] = await Promise.all([
      ports.commands.run(
        ['apt-get', 'indextargets', '--format', INDEX_FORMAT, 'Created-By: Packages'],
        options,
      ),
      ports.commands.run(['apt-config', 'dump'], options),
    ]);
    return machineSources(suite, {
      indexTargets: targets.stdout,
      aptConfig: config.stdout,
      environment: ports.environment,
    });
  } catch (thrown) {
    if (thrown instanceof ApictlError && thrown.code === 'COMMAND_MISSING') return NO_APT;
    throw thrown;
  }
}
