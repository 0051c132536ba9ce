import * as z from 'zod';
import { ENVIRONMENT_VARIABLES } from './environment.ts';
import { configSchema } from './schema.ts';

/** The schema for editors: what may stand in `apictl.yaml`. */
export const configJsonSchema = (): string =>
  `${JSON.stringify(z.toJSONSchema(configSchema, { io: 'input' }), null, 2)}\n`;

interface Property {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Property;
  readonly anyOf?: readonly Property[];
  readonly properties?: Readonly<Record<string, Property>>;
}

const INTRODUCTION = `# Configuration

Everything has a default, so \`apictl.yaml\` is optional; \`apictl init\` writes one to begin with, \`apictl init --project shop\` one of the project \`shop\`. It lies in the project root, the current folder; \`--config FILE\` names another. In a folder without one below a project's, commands say so: they are about a project of its own. An unknown
key is an error, and all problems are told in one pass, each with its path.

A value comes from the first of these that has it: the flag, the environment variable, the same variable in \`.env\`,
\`apictl.yaml\`, the default. Lists in variables are separated by commas. A \`compose.override.yaml\` in the project root is handed to Compose as it stands.

For completion and checks in an editor, begin the file with
\`# yaml-language-server: $schema=PATH/docs/apictl.schema.json\`.

`;

/** docs/configuration.md, made from the schema. */
export function configMarkdown(): string {
  const root = z.toJSONSchema(configSchema, { io: 'input' }) as Property;
  const plain = Object.entries(root.properties ?? {}).filter(
    ([, property]) => property.properties === undefined,
  );
  const sections = Object.entries(root.properties ?? {}).filter(
    ([, property]) => property.properties !== undefined,
  );
  return `${[
    INTRODUCTION.trimEnd(),
    '',
    '## Top level',
    '',
    ...table(plain.map(([key, property]) => row([key], property))),
    ...sections.flatMap(([name, property]) => [
      '',
      `## ${name}`,
      '',
      property.description ?? '',
      '',
      ...table(rowsBelow([name], property)),
    ]),
  ].join('\n')}\n`;
}

const rowsBelow = (path: readonly string[], property: Property): string[] =>
  Object.entries(property.properties ?? {}).flatMap(([key, below]) =>
    below.properties === undefined ? [row([...path, key], below)] : rowsBelow([...path, key], below),
  );

const table = (rows: readonly string[]): string[] => [
  '| key | type | default | variable | meaning |',
  '|---|---|---|---|---|',
  ...rows,
];

function row(path: readonly string[], property: Property): string {
  const variable = ENVIRONMENT_VARIABLES.find(
    (candidate) => candidate.path.join('.') === path.join('.'),
  )?.name;
  const standard = property.default === undefined ? '' : `\`${JSON.stringify(property.default)}\``;
  return `| \`${path.join('.')}\` | ${typeOf(property)} | ${standard} | ${variable === undefined ? '' : `\`${variable}\``} | ${property.description ?? 'Image tag.'} |`;
}

function typeOf(property: Property): string {
  if (property.enum !== undefined) return property.enum.map((value) => `\`${value}\``).join(', ');
  if (property.type === 'array')
    return `list of ${property.items === undefined ? 'values' : typeOf(property.items)}`;
  if (property.type === 'object') return 'map';
  return property.type === 'integer' ? 'number' : (property.type ?? 'text').replace('string', 'text');
}
