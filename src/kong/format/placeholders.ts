import type { Secret } from '../../core/secret.ts';
import { Sealed } from '../model/sealed.ts';
import type { Value } from '../model/value.ts';

/**
 * `${{ env "NAME" }}` and `${{ secret "name" }}`. In decK these are text replaced before the YAML is read, so people write them
 * inside quotes of the same sort. Here the text is read with opaque marks in their places, of the same length so that
 * lines and columns stay true, and the values enter the parsed tree: no value can break out of its place.
 */

export interface PlaceholderSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The secret of that name, or undefined where there is none. May be asked several times for one. */
  readonly secret: (name: string) => Promise<Secret | undefined>;
}

export interface Placeholder {
  readonly source: 'env' | 'secret';
  readonly name: string;
  readonly fallback: string | undefined;
  readonly as: 'string' | 'number' | 'boolean';
  /** Offset in the text. */
  readonly offset: number;
}

export interface MarkedText {
  readonly text: string;
  /** By the number in their mark: what stands there, or why it is none. */
  readonly placeholders: readonly (Placeholder | { readonly offset: number; readonly mistake: string })[];
  /** Where the file holds a character that marks are made of. */
  readonly foreignOffset: number | undefined;
}

// Private-use characters: a file that holds them already is refused, so a mark is never mistaken.
const OPEN = '\uE000';
const FILL = '\uE001';
const MARK = /\uE000(\d+)\uE001*/g;

const PLACEHOLDER = /\$\{\{(?<inside>[^{}\n]*)\}\}/g;
const INSIDE =
  /^\s*(?<source>env|secret)\s+(?<quote>["'])(?<name>[\w.-]+)\k<quote>(?<filters>(\s*\|\s*\w+(\s+("[^"]*"|\d+))?)*)\s*$/;
const FILTER = /\|\s*(?<filter>\w+)(\s+("(?<argument>[^"]*)"|(?<number>\d+)))?/g;

const TYPES: Readonly<Record<string, Placeholder['as']>> = {
  toInt: 'number',
  toFloat: 'number',
  toBool: 'boolean',
};

/** Puts a mark in the place of every placeholder, also of those in comments, which nobody will ask for. */
export function markPlaceholders(text: string): MarkedText {
  const placeholders: MarkedText['placeholders'][number][] = [];
  const foreign = text.search(/[\uE000\uE001]/);
  const marked = text.replace(PLACEHOLDER, (whole, ...rest) => {
    const groups = rest.at(-1) as { inside: string };
    const offset = rest.at(-3) as number;
    const parsed = parseInside(groups.inside, offset);
    placeholders.push(typeof parsed === 'string' ? { offset, mistake: parsed } : parsed);
    const mark = `${OPEN}${placeholders.length - 1}`;
    return mark + FILL.repeat(Math.max(0, whole.length - mark.length));
  });
  return { text: marked, placeholders, foreignOffset: foreign === -1 ? undefined : foreign };
}

function parseInside(inside: string, offset: number): Placeholder | string {
  const groups = INSIDE.exec(inside)?.groups;
  const { source, name } = groups ?? {};
  if (source === undefined || name === undefined) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the braces are the syntax that the message is about
    return 'a placeholder is ${{ env "NAME" }} or ${{ secret "name" }}, with | default "text" or | toInt behind the name where needed';
  }
  let fallback: string | undefined;
  let as: Placeholder['as'] = 'string';
  for (const match of (groups?.filters ?? '').matchAll(FILTER)) {
    const filter = match.groups?.filter ?? '';
    const type = TYPES[filter];
    if (filter === 'default' && match.groups?.argument !== undefined) fallback = match.groups.argument;
    else if (type !== undefined) as = type;
    // Keeps a text of several lines in its place where text is replaced before YAML is read; here it is in its place anyway.
    else if (filter === 'indent' && match.groups?.number !== undefined) continue;
    else
      return `a placeholder has no function ${filter}; there are default "text", toInt, toFloat, toBool and indent 6`;
  }
  return { source: source as Placeholder['source'], name, fallback, as, offset };
}

/** The numbers of the marks in a text. */
export const marksIn = (text: string): readonly number[] =>
  [...text.matchAll(MARK)].map(([, index]) => Number(index));

/** The values of the placeholders with these numbers; what has none is a problem. */
export async function resolvePlaceholders(
  placeholders: MarkedText['placeholders'],
  numbers: Iterable<number>,
  sources: PlaceholderSources,
): Promise<{
  readonly values: ReadonlyMap<number, Sealed>;
  readonly problems: readonly { offset: number; message: string; secretMissing: boolean }[];
}> {
  const problems: { offset: number; message: string; secretMissing: boolean }[] = [];
  const values = new Map<number, Sealed>();
  for (const number of new Set(numbers)) {
    const placeholder = placeholders[number];
    if (placeholder === undefined) continue;
    const { offset } = placeholder;
    if ('mistake' in placeholder) {
      problems.push({ offset, message: placeholder.mistake, secretMissing: false });
      continue;
    }
    const { source, name, fallback, as } = placeholder;
    const found = source === 'env' ? sources.environment[name] : await sources.secret(name);
    const value = found ?? fallback;
    if (value !== undefined) values.set(number, new Sealed(value, as));
    else if (source === 'env') {
      problems.push({ offset, message: `the environment variable ${name} is not set`, secretMissing: false });
    } else problems.push({ offset, message: `there is no secret ${name}`, secretMissing: true });
  }
  return { values, problems };
}

/** A text with its marks replaced: a text that holds a secret is a secret as a whole. */
export function filled(text: string, values: ReadonlyMap<number, Sealed>): Value {
  if (!text.includes(OPEN)) return text;
  const only = /^\uE000(\d+)\uE001*$/.exec(text);
  // A placeholder without a value is already told as a problem; the text only keeps the place.
  if (only !== null) return values.get(Number(only[1])) ?? new Sealed('');
  const whole = text.replace(MARK, (_mark, index) => String(values.get(Number(index))?.reveal() ?? ''));
  // A block of YAML ends with one line break, whether the value brings one or not.
  return new Sealed(/\uE000\d+\uE001*\n$/.test(text) ? whole.replace(/\n+$/, '\n') : whole);
}
