import { messageReply } from '../proxy/reply.ts';
import { ConfigReader } from './config-reader.ts';
import type { PluginKind } from './phases.ts';

/** Lets authenticated consumers in by the groups they are in. */
export const acl: PluginKind = {
  name: 'acl',
  priority: 950,
  create: (plugin, world) => {
    const config = new ConfigReader(plugin.config);
    const allow = config.texts('allow');
    const deny = config.texts('deny');
    const hideGroups = config.flag('hide_groups_header');
    const alwaysUsesGroups = config.flag('always_use_authenticated_groups');
    if (alwaysUsesGroups || config.flag('include_consumer_groups')) {
      world.log.warn('acl: only the ACL groups of consumers are looked at', { plugin: plugin.id });
    }
    return {
      access: (exchange) => {
        const refuse = (status: number, message: string) =>
          messageReply({ status, message, requestId: exchange.id, accept: exchange.headers.get('accept') });
        const { consumer } = exchange;
        if (!consumer)
          return exchange.credential
            ? refuse(403, 'You cannot consume this service')
            : refuse(401, 'Unauthorized');
        const groups = world.directory().groupsOf(consumer.id);
        if (groups.size === 0 && !deny?.length && !exchange.credential) return refuse(401, 'Unauthorized');
        const isIn = (list: readonly string[]): boolean => list.some((group) => groups.has(group));
        const passes = deny?.length ? !isIn(deny) : isIn(allow ?? []);
        if (!passes) return refuse(403, 'You cannot consume this service');
        if (hideGroups) exchange.headers.remove('X-Consumer-Groups');
        else exchange.headers.set('X-Consumer-Groups', [...groups].join(', '));
        return undefined;
      },
    };
  },
};
