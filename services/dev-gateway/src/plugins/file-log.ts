import { ConfigReader } from './config-reader.ts';
import { applyCustomFields, parseCustomFields } from './custom-fields.ts';
import { LineFile } from './line-file.ts';
import type { PluginKind } from './phases.ts';

interface SharedFile {
  readonly file: LineFile;
  users: number;
}

/** Appends one JSON object per request to a file. Plugins with the same path share it, so that lines never mix. */
export const fileLog = (): PluginKind => {
  const files = new Map<string, SharedFile>();
  return {
    name: 'file-log',
    priority: 9,
    create: (plugin, world) => {
      const config = new ConfigReader(plugin.config);
      const path = config.text('path');
      if (path === undefined) throw new Error('file-log: "path" is not set');
      const reopens = config.flag('reopen');
      const key = `${reopens}:${path}`;
      const shared = files.get(key) ?? { file: new LineFile(path, reopens, world.log), users: 0 };
      shared.users += 1;
      files.set(key, shared);
      const custom = parseCustomFields(config.raw('custom_fields_by_lua'));
      for (const field of custom.unsupported) {
        world.log.warn(
          'file-log: only "return nil" and the return of a literal are understood as Lua; field ignored',
          {
            plugin: plugin.id,
            field,
          },
        );
      }
      return {
        log: (exchange) => {
          const record = applyCustomFields(world.records.record(exchange), custom);
          shared.file.append(`${world.records.stringify(record)}\n`);
        },
        close: async () => {
          shared.users -= 1;
          if (shared.users > 0) return;
          files.delete(key);
          await shared.file.close();
        },
      };
    },
  };
};
