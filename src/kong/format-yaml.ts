import { FAILSAFE_SCHEMA, load, type Schema, Type } from 'js-yaml';

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

/**
 * The value of a plain YAML document, several times as quickly as with its places. Undefined where the text is not one such document, or
 * might be read otherwise by others: then it has to be looked at closely.
 */
export function plainYaml(text: string): unknown {
  if (RARE.test(text)) return undefined;
  try {
    return load(text, { schema: CORE }) ?? undefined;
  } catch {
    return undefined;
  }
}
