/**
 * Reads a pipeline of Logstash by its documented grammar: sections, plugins with attributes, branches with conditions. It decides
 * whether Logstash could read the file, and gives the plugins; conditions are checked and not kept.
 */
export type Value =
  | string
  | number
  | readonly Value[]
  | { readonly hash: readonly (readonly [string, Value])[] }
  | Plugin;

export interface Plugin {
  readonly plugin: string;
  readonly attributes: readonly (readonly [string, Value])[];
}

export type SectionName = 'input' | 'filter' | 'output';

interface Token {
  readonly kind: 'text' | 'regexp' | 'number' | 'word' | 'field' | 'sign' | 'end';
  readonly text: string;
  readonly line: number;
}

/** In the order in which they are tried at a place. An unterminated text fits none and is refused. */
const TOKENS: readonly (readonly [Token['kind'] | 'space', RegExp])[] = [
  ['space', /(?:\s|#[^\n]*)+/y],
  ['text', /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/y],
  ['field', /(?:\[[^[\],"'\s]+\])+/y],
  ['sign', /=>|==|!=|<=|>=|=~|!~|[{}[\](),<>!]/y],
  ['regexp', /\/(?:\\.|[^/\\])*\//y],
  ['number', /-?\d+(?:\.\d+)?(?![\w-])/y],
  ['word', /[A-Za-z_][\w-]*/y],
];

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const line = (): number => source.slice(0, at).split('\n').length;
  while (at < source.length) {
    const found = TOKENS.map(([kind, pattern]) => {
      pattern.lastIndex = at;
      return { kind, text: pattern.exec(source)?.[0] };
    }).find(({ text }) => text !== undefined);
    if (found?.text === undefined) throw new Error(`line ${line()}: ${source.slice(at, at + 20)} is nothing`);
    if (found.kind !== 'space') tokens.push({ kind: found.kind, text: found.text, line: line() });
    at += found.text.length;
  }
  return [...tokens, { kind: 'end', text: 'the end of the file', line: line() }];
}

/** @throws Error with line, what stands there and what belongs there */
export function readPipeline(source: string): ReadonlyMap<SectionName, readonly Plugin[]> {
  const tokens = tokensOf(source);
  let index = 0;
  const peek = (): Token => tokens[index] ?? (tokens.at(-1) as Token);
  const is = (text: string): boolean => peek().text === text && peek().kind !== 'text';
  const refuse = (wanted: string): never => {
    throw new Error(`line ${peek().line}: ${peek().text} where ${wanted} belongs`);
  };
  const next = (): Token => {
    const token = peek();
    index++;
    return token;
  };
  const take = (text: string): void => {
    if (!skip(text)) refuse(text);
  };
  const skip = (text: string): boolean => is(text) && next() !== undefined;
  const name = (): string => {
    const { kind, text } = peek();
    if (kind === 'text') return next() && text.slice(1, -1);
    return kind === 'word' || kind === 'number' ? next() && text : refuse('a name');
  };
  const until = <T>(end: string, read: () => T): T[] => {
    const found: T[] = [];
    while (!skip(end)) found.push(peek().kind === 'end' ? refuse(end) : read());
    return found;
  };

  const pair = (): readonly [string, Value] => {
    const key = name();
    take('=>');
    return [key, value()];
  };
  const plugin = (): Plugin => {
    const called = name();
    take('{');
    return { plugin: called, attributes: until('}', pair) };
  };
  function array(): Value[] {
    const found: Value[] = [];
    if (skip(']')) return found;
    do found.push(value());
    while (skip(','));
    take(']');
    return found;
  }
  function value(): Value {
    const { kind, text } = peek();
    if (kind === 'number') return next() && Number(text);
    if (skip('[')) return array();
    // `[a]` in the place of a value is a list of one bare word.
    if (kind === 'field') return next() && [text.slice(1, -1)];
    if (skip('{')) return { hash: until('}', pair) };
    const followed = tokens[index + 1];
    return followed?.text === '{' && followed.kind === 'sign' ? plugin() : name();
  }

  const operand = (): void => {
    const { kind } = peek();
    if (skip('[')) array();
    else if (['text', 'field', 'number', 'word'].includes(kind)) next();
    else refuse('a field or a value');
  };
  const group = (): void => {
    condition();
    take(')');
  };
  function comparison(): void {
    if (skip('!')) {
      if (skip('(')) group();
      else operand();
    } else if (skip('(')) group();
    else {
      operand();
      compared();
    }
  }
  const compared = (): void => {
    if (skip('=~') || skip('!~')) {
      if (peek().kind === 'regexp') next();
      else operand();
    } else if (skip('not')) {
      take('in');
      operand();
    } else if (skip('in') || ['==', '!=', '<', '>', '<=', '>='].some(skip)) operand();
  };
  function condition(): void {
    do comparison();
    while (['and', 'or', 'xor', 'nand'].some(skip));
  }
  function statement(): Plugin[] {
    if (!is('if')) return [plugin()];
    const found: Plugin[] = [];
    let isLast = false;
    do {
      if (skip('if')) condition();
      else isLast = true;
      take('{');
      found.push(...until('}', statement).flat());
    } while (!isLast && skip('else'));
    return found;
  }

  const sections = new Map<SectionName, readonly Plugin[]>();
  while (peek().kind !== 'end') {
    const section = (['input', 'filter', 'output'] as const).find(skip) ?? refuse('input, filter or output');
    take('{');
    sections.set(section, [...(sections.get(section) ?? []), ...until('}', statement).flat()]);
  }
  return sections;
}
