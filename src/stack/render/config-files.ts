import { posix } from 'node:path';
import type { ConfigMount, Fragment, Fragments } from '../fragments/fragments.ts';
import { packagedYaml } from '../fragments/packaged-yaml.ts';
import type { TreeMap } from './compose-tree.ts';
import { resolveMap, unescaped } from './placeholders.ts';
import type { RenderedFile } from './render-stack.ts';
import { yamlText } from './yaml-text.ts';

/** Where a configuration file or folder of the package lies below .apictl: `monitoring/prometheus` -> `config/prometheus`. */
export const configTarget = (from: string): string => posix.join('config', ...from.split('/').slice(1));

/** The files that a fragment mounts, templates resolved, everything else byte for byte. */
export function configFilesOf(fragment: Fragment, fragments: Fragments, values: TreeMap): RenderedFile[] {
  return fragment.configs.flatMap((config) =>
    Object.entries(fragments.configFiles)
      .filter(([path]) => path === config.from || path.startsWith(`${config.from}/`))
      .map(([path, content]) => ({
        path: configTarget(path),
        content: isTemplate(config, path) ? resolvedText(path, content, values) : content,
        // Read by whatever user the container runs as; nothing in it is secret.
        mode: 0o644,
      })),
  );
}

const isTemplate = (config: ConfigMount, path: string): boolean =>
  config.templates.some((name) => posix.join(config.from, name) === path);

const resolvedText = (path: string, content: string, values: TreeMap): string =>
  yamlText(resolveMap(packagedYaml(content) as TreeMap, { values, encode: unescaped, file: path }), [
    `Generated from ${path} by "apictl render".`,
  ]);

/** The mounts of a fragment's configuration and certificates, read-only. A missing folder is an error, not an empty folder. */
export function mountsOf(fragment: Fragment): TreeMap[] {
  return [
    ...fragment.configs.map((config) => bindMount(`./${configTarget(config.from)}`, config.mount)),
    ...fragment.certificates.map((name) =>
      bindMount(`../secrets/certs/${name}`, `/etc/apictl/certs/${name}`),
    ),
  ];
}

const bindMount = (source: string, target: string): TreeMap => ({
  type: 'bind',
  source,
  target,
  read_only: true,
  bind: { create_host_path: false },
});
