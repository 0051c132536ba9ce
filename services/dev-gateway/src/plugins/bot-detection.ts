import { messageReply } from '../proxy/reply.ts';
import { ConfigReader } from './config-reader.ts';
import type { PluginKind } from './phases.ts';

/** User agents of crawlers and bare HTTP libraries that are refused unless they are allowed by name. */
const KNOWN_BOTS: readonly RegExp[] = [
  /(Pingdom\.com_bot_version_)(\d+)\.(\d+)/,
  /(facebookexternalhit)\/(\d+)\.(\d+)/,
  /Google.*\/\+\/web\/snippet/,
  /(Twitterbot)\/(\d+)\.(\d+)/,
  /(rogerbot|exabot|gigabot|googlebot|bingbot|msnbot|baiduspider|yandexbot|ahrefsbot|semrushbot)/i,
  /(libwww-perl|Jigsaw|Python-httplib2|Wget\/)/,
];

const matchesAny = (expressions: readonly RegExp[], agent: string): boolean =>
  expressions.some((expression) => expression.test(agent));

/** Refuses requests by their user agent: 400 without one, 403 for a bot. */
export const botDetection: PluginKind = {
  name: 'bot-detection',
  priority: 2500,
  create: (plugin) => {
    const config = new ConfigReader(plugin.config);
    const allow = (config.texts('allow') ?? []).map((text) => new RegExp(text));
    const deny = (config.texts('deny') ?? []).map((text) => new RegExp(text));
    return {
      access: (exchange) => {
        const agents = exchange.headers.all('user-agent');
        const refuse = (status: number, message: string) =>
          messageReply({ status, message, requestId: exchange.id, accept: exchange.headers.get('accept') });
        const agent = agents[0];
        if (agent === undefined) return refuse(400, 'User-agent header missing');
        if (agents.length > 1) return refuse(400, 'Only one User-agent header allowed');
        if (matchesAny(allow, agent)) return undefined;
        return matchesAny(deny, agent) || matchesAny(KNOWN_BOTS, agent)
          ? refuse(403, 'Forbidden')
          : undefined;
      },
    };
  },
};
