import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { localFiles } from '../../../../src/adapters/files.ts';
import { FLAVOURS, type Profile } from '../../../../src/config/choices.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { type Fragments, readFragments } from '../../../../src/stack/fragments/fragments.ts';
import { type RenderInput, renderStack } from '../../../../src/stack/render/render-stack.ts';

/** What is rendered in tests: profiles x flavours x configurations x engines, each with a name for its failure. */

export const packageRoot = fileURLToPath(new URL('../../../../', import.meta.url)).replace(/\/$/, '');

/** The packaged fragments, as a command reads them. */
export const packagedFragments = (): Promise<Fragments> => readFragments(localFiles, packageRoot);

const LOCAL_IMAGES = [
  ...['postgres', 'prometheus', 'alertmanager', 'node-exporter', 'postgres-exporter', 'blackbox-exporter'],
  ...['dev-gateway', 'backend', 'logging'],
];

export const localImages = Object.fromEntries(LOCAL_IMAGES.map((name) => [name, `apictl/${name}:0123abcd`]));

/** Text that every layer between apictl.yaml and a container has tried to read as something else. */
export const AWKWARD_TEXT: Readonly<Record<string, string>> = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it must stay as it is
  DOLLARS: '$HOME ${HOME} $$ $$$ $1 ${X:-y} $',
  QUOTES: `"double" 'single' \`back\` \\ \\n`,
  LINES: 'first\nsecond\n\n  third\t\r\nlast\n',
  YAML: '- a: b # no comment, & no *alias, {no: map} [no] | > ! % @',
  COLON: 'a: b: c',
  HASH: '#a #b',
  BLANK: ' both sides ',
  EMPTY: '',
  TEMPLATE: '{{ ports.proxy }} {{ .Go }} {{ $labels.x }}',
  UNICODE: 'grüße \u2028 \ufeff 🙂 \u0007 \u0085 \u009f',
  OCTAL: '0755',
  UNDERSCORES: '1_000',
  SEXAGESIMAL: '12:30:45',
  DATE: '2026-01-31',
  NO: 'no',
  YES: 'Yes',
  NULL: 'null',
  TILDE: '~',
  FLOAT: '1e3',
  HEX: '0x1F',
  MERGE: '<<',
  TRUE: 'true',
  Y: 'y',
  on: 'on',
  null: 'a key that is a word of YAML',
};

const CONFIGS: Readonly<Record<string, z.input<typeof configSchema>>> = {
  defaults: {},
  'other ports, one replica, TLS at every door': {
    project: 'shop_2',
    bind: '0.0.0.0',
    ports: { proxy: 18000, admin: 18001, manager: 18002, prometheus: 19090 },
    backends: { replicas: 1 },
    tls: {
      hosts: ['*.example.test', '10.0.0.1'],
      internal: true,
      doors: {
        manager: true,
        loggingAdmin: true,
        prometheus: true,
        alertmanager: true,
        grafana: true,
        elasticsearch: true,
        kibana: true,
      },
    },
  },
  'IPv6, twenty backends': { bind: '::1', backends: { replicas: 20 } },
  'an image of the user’s own': {
    backends: {
      image: 'registry.example.test:5000/shop/api:1.4',
      port: 9000,
      healthPath: "/it's/$ready",
      metrics: false,
      command: ['serve', '--name=$NAME', 'a b', '#c', ''],
      healthCommand: ['/bin/check', '$x', "it's"],
      environment: AWKWARD_TEXT,
      user: '10001:10002',
      readOnly: false,
      memory: '1GiB',
    },
  },
  'a build of the user’s own, other versions': {
    backends: { build: { context: './shop app', dockerfile: 'docker/Dockerfile', args: { A: '$B: "c"' } } },
    versions: { postgres: '18.1', kong: '3.9.3', elastic: '9.2.1' },
    retention: { prometheus: '2w', logging: '3w', elasticsearch: '4w' },
    elasticsearch: { heap: '2g' },
  },
};

const PROFILE_SETS: readonly (readonly Profile[])[] = [
  ['core'],
  ['core', 'monitoring'],
  ['core', 'elk'],
  ['core', 'monitoring', 'elk'],
];

const ENGINES = [
  { engineApiVersion: '1.41', composeVersion: '2.26.1' },
  { engineApiVersion: '1.51', composeVersion: '2.40.3' },
];

export interface Variant {
  readonly name: string;
  readonly input: RenderInput;
}

export function renderMatrix(fragments: Fragments): readonly Variant[] {
  return Object.entries(CONFIGS).flatMap(([configName, config]) =>
    FLAVOURS.flatMap((flavour) =>
      PROFILE_SETS.flatMap((profiles) =>
        ENGINES.map((engine) => ({
          name: `${configName}, ${flavour}, ${profiles.join('+')}, API ${engine.engineApiVersion}`,
          input: {
            config: configSchema.parse(config),
            flavour,
            profiles,
            ...engine,
            images: localImages,
            fragments,
          },
        })),
      ),
    ),
  );
}

/** One stack of the defaults, with what a test changes. */
export const renderDefault = (fragments: Fragments, changes: Partial<RenderInput> = {}) =>
  renderStack({
    config: configSchema.parse({}),
    flavour: 'embedded',
    profiles: ['core', 'monitoring', 'elk'],
    engineApiVersion: '1.41',
    images: localImages,
    fragments,
    ...changes,
  });
