import { type Document, visit } from 'yaml';

export type YamlTree =
  | { readonly ok: true; readonly value: unknown }
  /** `pos`: offsets of the alias that makes it none. */
  | { readonly ok: false; readonly pos: readonly [number, number]; readonly message: string };

/** What a document without errors stands for. Its parser looks at aliases only when they are followed. */
export function yamlTree(document: Document.Parsed): YamlTree {
  try {
    return { ok: true, value: document.toJS() };
  } catch (thrown) {
    if (!(thrown instanceof ReferenceError)) throw thrown;
    return { ok: false, ...brokenAlias(document) };
  }
}

function brokenAlias(document: Document.Parsed): Omit<YamlTree & { readonly ok: false }, 'ok'> {
  let first: readonly [number, number] | undefined;
  let unknown: { readonly pos: readonly [number, number]; readonly name: string } | undefined;
  visit(document, {
    Alias(_key, alias) {
      const [start = 0, end = start] = alias.range ?? [];
      first ??= [start, end];
      if (alias.resolve(document) !== undefined) return undefined;
      unknown = { pos: [start, end], name: alias.source };
      return visit.BREAK;
    },
  });
  return unknown === undefined
    ? { pos: first ?? [0, 0], message: 'the aliases from here on stand for too many values' }
    : {
        pos: unknown.pos,
        message: `the alias *${unknown.name} has no anchor &${unknown.name} before it; put quotes around a text that begins with *`,
      };
}
