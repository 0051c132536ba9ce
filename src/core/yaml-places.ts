/** What a YAML parser tells of one place; its message must not name the place itself (`prettyErrors: false`). */
interface YamlError {
  /** Offset of the place in the text, and of its end. */
  readonly pos: readonly [number, number];
  readonly message: string;
}

interface Lines {
  linePos(offset: number): { readonly line: number; readonly col: number };
}

/** Each as `line 3, column 5: Map keys must be unique`. */
export const yamlPlaces = (errors: readonly YamlError[], lines: Lines): string[] =>
  errors.map(({ pos, message }) => {
    const { line, col } = lines.linePos(pos[0]);
    return `line ${line}, column ${col}: ${message.split('\n')[0]}`;
  });
