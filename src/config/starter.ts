import { Document, isCollection, isMap, isScalar, type Scalar } from 'yaml';
import * as z from 'zod';
import { configSchema } from './schema.ts';

/** What is changed first, in the order of the file. Defaults and words come from the schema. */
const KEYS: readonly (readonly string[])[] = [
  ['project'],
  ['profiles'],
  ['images'],
  ['bind'],
  ['ports', 'proxy'],
  ['ports', 'proxyTls'],
  ['ports', 'shift'],
  ['backends', 'replicas'],
  ['backends', 'image'],
  ['backends', 'port'],
  ['backends', 'healthPath'],
  ['tls', 'hosts'],
  ['retention', 'prometheus'],
  ['retention', 'logging'],
];

/** What somebody could write for a key that has no default. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  profiles: ['core', 'monitoring'],
  'backends.image': 'shop/api:1.4',
};

const INTRODUCTION = ` Configuration of apictl. Everything is optional: these are the defaults of what is changed first, and a line
 that is removed keeps its default. Every other key: docs/configuration.md of apictl.`;

interface Property {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Property>>;
}

/**
 * An `apictl.yaml` to begin with, of the project of this name: for the rest it says what holds without it, each key with its
 * meaning. A key without a default stands there as a comment.
 */
export function starterConfig(project: string): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input' }) as Property;
  const document = new Document({ ...defaultsOf(schema), project });
  const sections = new Set<string>();
  let waiting = '';
  for (const path of KEYS) {
    const [section = '', ...below] = path;
    const property = propertyAt(schema, path);
    const meaning = commentOf(property.description ?? '');
    if (property.default === undefined) {
      waiting += `${meaning}\n ${exampleOf(path)}\n${below.length === 0 ? '\n' : ''}`;
      continue;
    }
    keyAt(document, path).commentBefore = waiting + meaning;
    waiting = '';
    if (below.length > 0 && !sections.has(section))
      keyAt(document, [section]).commentBefore = commentOf(propertyAt(schema, [section]).description ?? '');
    sections.add(section);
    const value = document.getIn(path, true);
    if (isCollection(value)) value.flow = true;
  }
  for (const section of [...sections].slice(1)) keyAt(document, [section]).spaceBefore = true;
  document.commentBefore = INTRODUCTION;
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** The tree of the keys that have a default, in their order. */
function defaultsOf(schema: Property): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const path of KEYS) {
    const { default: value } = propertyAt(schema, path);
    if (value === undefined) continue;
    const [section = '', key] = path;
    tree[section] = key === undefined ? value : { ...(tree[section] as object | undefined), [key]: value };
  }
  return tree;
}

function propertyAt(schema: Property, path: readonly string[]): Property {
  const found = path.reduce<Property | undefined>((node, key) => node?.properties?.[key], schema);
  if (found === undefined) throw new Error(`the schema has no ${path.join('.')}`);
  return found;
}

function keyAt({ contents }: Document, path: readonly string[]): Scalar {
  let node: unknown = contents;
  let found: unknown;
  for (const name of path) {
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === name) : undefined;
    node = pair?.value;
    found = pair?.key;
  }
  if (!isScalar(found)) throw new Error(`there is no key ${path.join('.')}`);
  return found;
}

function exampleOf(path: readonly string[]): string {
  const example = EXAMPLES[path.join('.')];
  if (example === undefined) throw new Error(`there is no example of ${path.join('.')}`);
  return `${path.at(-1)}: ${Array.isArray(example) ? `[${example.join(', ')}]` : String(example)}`;
}

/** In lines that an editor shows whole. */
const commentOf = (text: string): string => text.replace(/(.{1,100})(?:\s+|$)/g, ' $1\n').trimEnd();
