/**
 * Templates in the values of the request transformer: `$(headers.name)`, `$(query_params["name"])`, `$(uri_captures[1])`,
 * each optionally with `or "text"`. Kong runs any Lua expression there; what is none of these is refused.
 */
import type { Exchange } from '../proxy/exchange.ts';
import { queryArgument } from './query-string.ts';

/** Renders a value for one request; undefined when something in it is not there. */
export type Template = (exchange: Exchange) => string | undefined;

const EXPRESSION =
  /^\s*(?<source>headers|query_params|uri_captures)(?:\.(?<name>\w+)|\[\s*(?:(?<quote>["'])(?<quoted>.*?)\k<quote>|(?<index>\d+))\s*\])(?:\s+or\s+(?<mark>["'])(?<fallback>.*?)\k<mark>)?\s*$/;

const SOURCES: Readonly<Record<string, (exchange: Exchange, name: string) => string | undefined>> = {
  // Lua cannot write a dash after a dot, so an underscore stands for it.
  headers: (exchange, name) => exchange.headers.get(name) ?? exchange.headers.get(name.replaceAll('_', '-')),
  query_params: (exchange, name) => queryArgument(exchange.query, name),
  uri_captures: (exchange, name) => exchange.captures?.[name],
};

function compileExpression(text: string): Template {
  const parts = EXPRESSION.exec(text)?.groups;
  const read = SOURCES[parts?.source ?? ''];
  if (parts === undefined || read === undefined) {
    throw new Error(`the template $(${text}) is more than this gateway understands`);
  }
  const name = parts.name ?? parts.quoted ?? parts.index ?? '';
  return (exchange) => read(exchange, name) ?? parts.fallback;
}

/** @throws Error when an expression is not understood */
export function compileTemplate(value: string): Template {
  if (!value.includes('$(')) return () => value;
  const pieces: Template[] = [];
  let rest = value;
  for (let found = /\$\((.*?)\)/.exec(rest); found !== null; found = /\$\((.*?)\)/.exec(rest)) {
    const before = rest.slice(0, found.index);
    if (before !== '') pieces.push(() => before);
    pieces.push(compileExpression(found[1] ?? ''));
    rest = rest.slice(found.index + found[0].length);
  }
  if (rest !== '') pieces.push(() => rest);
  return (exchange) => {
    const texts = pieces.map((piece) => piece(exchange));
    return texts.includes(undefined) ? undefined : texts.join('');
  };
}
