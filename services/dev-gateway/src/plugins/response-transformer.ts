import { ConfigReader } from './config-reader.ts';
import { compileHeaderTransform } from './header-transform.ts';
import type { PluginKind } from './phases.ts';

const ACTIONS = ['remove', 'rename', 'replace', 'add', 'append'] as const;

/** Changes the headers of responses. JSON bodies stream through unchanged, with a warning. */
export const responseTransformer: PluginKind = {
  name: 'response-transformer',
  priority: 800,
  create: (plugin, world) => {
    const config = new ConfigReader(plugin.config);
    const transform = compileHeaderTransform(config);
    if (ACTIONS.some((action) => (config.record(action).texts('json') ?? []).length > 0)) {
      world.log.warn('response-transformer: JSON bodies are not transformed', { plugin: plugin.id });
    }
    return { headerFilter: (_exchange, head) => transform(head.headers) };
  },
};
