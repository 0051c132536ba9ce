import { ApictlError, EXIT } from '../../core/errors.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import { stackNotUp } from '../project/stack-not-up.ts';

/** Why there can be only one container of a service. Pure. */
export function whySingle(service: string, containers: readonly ContainerSummary[]): string {
  const ports = containers
    .filter((container) => container.service === service)
    .flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort));
  const numbers = [...new Set(ports)].sort((a, b) => a - b);
  if (numbers.length > 0) {
    const which = `port${numbers.length === 1 ? '' : 's'} ${numbers.join(', ')}`;
    return `it holds ${which} of the host, which only one container can`;
  }
  return 'it runs as a single instance, which nothing stands in for';
}

export const gatewayNotRunning = (command: string) =>
  new ApictlError({
    code: 'GATEWAY_NOT_RUNNING',
    exitCode: EXIT.unhealthy,
    message: `"apictl ${command}" needs the running stack, and kong does not run; nothing was changed`,
    object: 'service kong',
    hint: 'Run "apictl up" first.',
  });

export const nothingThere = (command: string) =>
  stackNotUp(`"apictl ${command}" needs the running stack, and nothing of it is there`);
