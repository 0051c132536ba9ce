import type { Exchange } from '../proxy/exchange.ts';
import type { Reply } from '../proxy/reply.ts';
import { acceptCredential, challengeOrGoOnAnonymous, isKnownAlready } from './authentication.ts';
import { bodyField, removeBodyField } from './body-fields.ts';
import { ConfigReader } from './config-reader.ts';
import type { PluginKind } from './phases.ts';
import { queryArgument, withoutQueryArgument } from './query-string.ts';

interface FoundKey {
  readonly key: string;
  readonly name: string;
}

/** Authenticates a consumer by a key in a header, a query argument or a field of the body. */
export const keyAuth: PluginKind = {
  name: 'key-auth',
  priority: 1250,
  create: (plugin, world) => {
    const config = new ConfigReader(plugin.config);
    const keyNames = config.texts('key_names') ?? ['apikey'];
    const inHeader = config.flag('key_in_header');
    const inQuery = config.flag('key_in_query');
    const inBody = config.flag('key_in_body');
    const hideCredentials = config.flag('hide_credentials');
    const anonymous = config.text('anonymous');
    const runOnPreflight = config.flag('run_on_preflight');
    const realm = config.text('realm');
    const challenge = realm === undefined ? 'Key' : `Key realm="${realm}"`;
    const isKey = (value: string | undefined): value is string => value !== undefined && value !== '';

    const find = (exchange: Exchange, name: string): string | undefined =>
      [
        inHeader ? exchange.headers.get(name) : undefined,
        inQuery ? queryArgument(exchange.query, name) : undefined,
      ].find(isKey);

    const findAnywhere = async (exchange: Exchange): Promise<FoundKey | undefined> => {
      for (const name of keyNames) {
        const key = find(exchange, name) ?? (await bodyField(exchange, name));
        if (isKey(key)) return { key, name };
      }
      return undefined;
    };

    const findInHead = (exchange: Exchange): FoundKey | undefined => {
      for (const name of keyNames) {
        const key = find(exchange, name);
        if (key !== undefined) return { key, name };
      }
      return undefined;
    };

    const hide = (exchange: Exchange, { name }: FoundKey): void => {
      exchange.headers.remove(name);
      if (exchange.query !== undefined) exchange.query = withoutQueryArgument(exchange.query, name);
    };

    const refuse = (exchange: Exchange, message: string): Reply | undefined =>
      challengeOrGoOnAnonymous(world, exchange, anonymous, { message, challenge });

    const judge = (exchange: Exchange, found: FoundKey | undefined): Reply | undefined => {
      if (!found) return refuse(exchange, 'No API key found in request');
      if (hideCredentials) hide(exchange, found);
      const credential = world.directory().keyAuth(found.key);
      if (!credential) return refuse(exchange, 'Unauthorized');
      acceptCredential(world, exchange, credential, credential.id);
      return undefined;
    };

    const judgeWithBody = async (exchange: Exchange): Promise<Reply | undefined> => {
      const found = await findAnywhere(exchange);
      if (found && hideCredentials) await removeBodyField(exchange, found.name);
      return judge(exchange, found);
    };

    return {
      access: (exchange) => {
        if (!runOnPreflight && exchange.method === 'OPTIONS') return undefined;
        if (isKnownAlready(exchange, anonymous)) return undefined;
        // Only a key in the body is worth waiting for.
        return inBody ? judgeWithBody(exchange) : judge(exchange, findInHead(exchange));
      },
    };
  },
};
