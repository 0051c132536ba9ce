import type { Exchange } from '../proxy/exchange.ts';
import { messageReply, type Reply } from '../proxy/reply.ts';
import { ConfigReader } from './config-reader.ts';
import { setIdentity } from './consumer-headers.ts';
import type { PluginKind } from './phases.ts';
import { queryArgument, withoutQueryArgument } from './query-string.ts';

interface FoundKey {
  readonly key: string;
  readonly name: string;
  readonly place: 'header' | 'query';
}

/** Authenticates a consumer by a key in a header or a query argument. A key in the body is not looked for. */
export const keyAuth: PluginKind = {
  name: 'key-auth',
  priority: 1250,
  create: (plugin, world) => {
    const config = new ConfigReader(plugin.config);
    const keyNames = config.texts('key_names') ?? ['apikey'];
    const inHeader = config.flag('key_in_header');
    const inQuery = config.flag('key_in_query');
    const hideCredentials = config.flag('hide_credentials');
    const anonymous = config.text('anonymous');
    const runOnPreflight = config.flag('run_on_preflight');
    const realm = config.text('realm');
    const challenge = realm === undefined ? 'Key' : `Key realm="${realm}"`;
    if (config.flag('key_in_body')) {
      world.log.warn('key-auth: keys in request bodies are not supported and are not looked for', {
        plugin: plugin.id,
      });
    }

    const find = (exchange: Exchange): FoundKey | undefined => {
      for (const name of keyNames) {
        const header = inHeader ? exchange.headers.get(name) : undefined;
        if (header !== undefined && header !== '') return { key: header, name, place: 'header' };
        const argument = inQuery ? queryArgument(exchange.query, name) : undefined;
        if (argument !== undefined && argument !== '') return { key: argument, name, place: 'query' };
      }
      return undefined;
    };

    const hide = (exchange: Exchange, { name }: FoundKey): void => {
      exchange.headers.remove(name);
      if (exchange.query !== undefined) exchange.query = withoutQueryArgument(exchange.query, name);
    };

    const refuse = (exchange: Exchange, message: string): Reply | undefined => {
      const stranger = anonymous === undefined ? undefined : world.directory().consumer(anonymous);
      if (stranger) {
        setIdentity(exchange, { consumer: stranger, credential: undefined });
        return undefined;
      }
      return messageReply({
        status: anonymous === undefined ? 401 : 500,
        message: anonymous === undefined ? message : 'An unexpected error occurred',
        requestId: exchange.id,
        accept: exchange.headers.get('accept'),
        headers: { 'WWW-Authenticate': challenge },
      });
    };

    return {
      access: (exchange) => {
        if (!runOnPreflight && exchange.method === 'OPTIONS') return undefined;
        // With `anonymous` set, another authentication plugin may already have let the request in.
        if (anonymous !== undefined && exchange.credential) return undefined;
        const found = find(exchange);
        if (!found) return refuse(exchange, 'No API key found in request');
        if (hideCredentials) hide(exchange, found);
        const credential = world.directory().keyAuth(found.key);
        if (!credential) return refuse(exchange, 'Unauthorized');
        setIdentity(exchange, {
          consumer: world.directory().consumer(credential.consumer.id),
          credential: { id: credential.id, consumerId: credential.consumer.id },
          credentialIdentifier: credential.id,
        });
        return undefined;
      },
    };
  },
};
