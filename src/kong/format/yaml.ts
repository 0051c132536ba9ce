import { FAILSAFE_SCHEMA, type LoadOptions, load, type Schema, Type } from 'js-yaml';
import type { Path } from './locate.ts';

/** A scalar of YAML 1.2's core schema, by the forms that its text may have. */
const scalar = (name: string, form: RegExp, construct: (text: string) => unknown): Type =>
  new Type(`tag:yaml.org,2002:${name}`, {
    kind: 'scalar',
    resolve: (text: unknown) =>
      text === null ? name === 'null' : typeof text === 'string' && form.test(text),
    construct: (text: string | null) => construct(text ?? ''),
  });

const INFINITY = /^[-+]?\.inf$/i;

/** YAML 1.2.2, section 10.3.2: the library's own schemas take some forms of YAML 1.1 too. */
const CORE: Schema = FAILSAFE_SCHEMA.extend({
  implicit: [
    scalar('merge', /^<<$/, (text) => text),
    scalar('null', /^(null|Null|NULL|~|)$/, () => null),
    scalar('bool', /^(true|True|TRUE|false|False|FALSE)$/, (text) => text.toLowerCase() === 'true'),
    scalar('int', /^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/, Number),
    scalar(
      'float',
      /^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/,
      (text) =>
        INFINITY.test(text)
          ? text.startsWith('-')
            ? -Infinity
            : Infinity
          : Number(text.replace(/^\.nan$/i, 'NaN')),
    ),
  ],
});

/** Tags make other types: rare, and left to the parser that knows all of YAML. */
const RARE = /(^|[\s[{,])!\S/m;

/** What an alias stands for begins where its anchor is, and not where the alias is. */
const ALIAS = /(^|[\s[{,])\*\S/m;

export interface PlainYaml {
  readonly value: unknown;
  /** The line where the map or list at a path begins; undefined where that is not known. */
  readonly lineOf: (path: Path) => number | undefined;
}

/**
 * The value of a plain YAML document and the lines of its maps and lists, several times as quickly as with the places of everything.
 * Undefined where the text is not one such document, or might be read otherwise by others: then it has to be looked at closely.
 */
export function plainYaml(text: string): PlainYaml | undefined {
  if (RARE.test(text)) return undefined;
  const lines = new WeakMap<object, number>();
  const open: number[] = [];
  const listener: LoadOptions['listener'] = (event, { line, result }) => {
    if (event === 'open') open.push(line + 1);
    else {
      const began = open.pop();
      if (began !== undefined && isObject(result)) lines.set(result, began);
    }
  };
  try {
    const value: unknown = load(text, { schema: CORE, listener });
    if (value == null) return undefined;
    const hasAlias = ALIAS.test(text);
    return { value, lineOf: (path) => (hasAlias ? undefined : lineIn(lines, value, path)) };
  } catch {
    return undefined;
  }
}

function lineIn(lines: WeakMap<object, number>, root: unknown, path: Path): number | undefined {
  if (path.length === 0) return undefined;
  const node = path.reduce<unknown>(
    (above, part) => (isObject(above) ? (above as Readonly<Record<string, unknown>>)[part] : undefined),
    root,
  );
  return isObject(node) ? lines.get(node) : undefined;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
