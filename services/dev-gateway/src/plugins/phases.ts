import type { RequestMetrics } from '../metrics/request-metrics.ts';
import type { Plugin } from '../model/entities.ts';
import type { Exchange } from '../proxy/exchange.ts';
import type { GatewayLog } from '../proxy/gateway-log.ts';
import type { HeaderList } from '../proxy/header-list.ts';
import type { Reply } from '../proxy/reply.ts';
import type { Directory } from './directory.ts';
import type { LogRecordWriter } from './log-record.ts';
import type { ResponseCache } from './response-cache.ts';

/** The response head on its way to the client; plugins change its headers. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: HeaderList;
}

/** One plugin entity at work. Phases come in this order; a plugin implements those that it needs. */
export interface PluginHandler {
  /** Before the request goes to the service; a reply ends the request here. */
  access?(exchange: Exchange): Reply | undefined | Promise<Reply | undefined>;
  /** Before the response head goes to the client, whoever made the response. */
  headerFilter?(exchange: Exchange, head: ResponseHead): void;
  /** After the response has been sent. */
  log?(exchange: Exchange): void;
  /** Finishes what is under way: queues, open files. */
  close?(): Promise<void>;
}

/** What plugins may use of the gateway. */
export interface PluginWorld {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: GatewayLog;
  /** Consumers and their credentials, as of now. */
  readonly directory: () => Directory;
  readonly records: LogRecordWriter;
  readonly metrics: RequestMetrics;
  /** One for all plugins that keep responses. */
  readonly cache: ResponseCache;
}

/** The code of a plugin: its name, its place in the order of execution, and how an instance is made of an entity. */
export interface PluginKind {
  readonly name: string;
  /** Higher runs earlier. */
  readonly priority: number;
  create(plugin: Plugin, world: PluginWorld): PluginHandler;
}
