import { randomUUID } from 'node:crypto';
import type { Exchange } from '../proxy/exchange.ts';
import { ConfigReader } from './config-reader.ts';
import type { PluginKind } from './phases.ts';

/** Gives each request an id in a header, unless the client brought one, and says it back when asked to. */
export const correlationId = (): PluginKind => {
  const processId = randomUUID();
  let counter = 0;
  const counted = (): string => {
    counter += 1;
    return `${processId}#${counter}`;
  };
  const tracked = (exchange: Exchange): string => {
    counter += 1;
    const connection = `${exchange.remotePort}-${exchange.listenerPort}`;
    return `${exchange.localIp}-${exchange.listenerPort}-${process.pid}-${connection}-${counter}-${(exchange.startedAtMs / 1000).toFixed(3)}`;
  };
  const generators: Readonly<Record<string, (exchange: Exchange) => string>> = {
    uuid: () => randomUUID(),
    'uuid#counter': counted,
    tracker: tracked,
  };
  return {
    name: 'correlation-id',
    priority: 1,
    create: (plugin) => {
      const config = new ConfigReader(plugin.config);
      const headerName = config.text('header_name') ?? 'Kong-Request-ID';
      const generate = generators[config.text('generator') ?? 'uuid#counter'] ?? counted;
      const echoes = config.flag('echo_downstream');
      const noteKey = `correlation-id:${plugin.id}`;
      return {
        access: (exchange) => {
          const given = exchange.headers.get(headerName);
          const id = given === undefined || given === '' ? generate(exchange) : given;
          if (id !== given) exchange.headers.set(headerName, id);
          exchange.setNote(noteKey, id);
          exchange.logFields.set('correlation_id', id);
          return undefined;
        },
        headerFilter: (exchange, head) => {
          if (!echoes) return;
          // A request that was answered before its turn came has no id yet.
          const id =
            exchange.note<string>(noteKey) ?? (exchange.headers.get(headerName) || generate(exchange));
          head.headers.set(headerName, id);
        },
      };
    },
  };
};
