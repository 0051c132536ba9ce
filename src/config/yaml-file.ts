import { LineCounter, parseDocument } from 'yaml';

/** What a YAML file says, or every place where it is none, as `line 3, column 5: ...`. */
export type YamlFile =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the text of `apictl.yaml`; an empty one says nothing. A module of its own, because most runs have no such file. */
export function readYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length === 0) return { ok: true, value: document.toJS() ?? undefined };
  const problems = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return `line ${line}, column ${col}: ${error.message.split('\n')[0]}`;
  });
  return { ok: false, problems };
}
