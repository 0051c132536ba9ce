/** What a YAML parser tells of one place; its message must not name the place itself (`prettyErrors: false`). */
interface YamlError {
  /** Offset of the place in the text, and of its end. */
  readonly pos: readonly [number, number];
  readonly message: string;
}

interface Lines {
  linePos(offset: number): { readonly line: number; readonly col: number };
}

/** As `line 3, column 5: Map keys must be unique`. */
export const placeLine = ({
  line,
  col,
  message,
}: {
  readonly line: number;
  readonly col: number;
  readonly message: string;
}): string => `line ${line}, column ${col}: ${message}`;

/** Each as `placeLine` writes it. */
export const yamlPlaces = (errors: readonly YamlError[], lines: Lines): string[] =>
  errors.map(({ pos, message }) =>
    placeLine({ ...lines.linePos(pos[0]), message: message.split('\n')[0] ?? '' }),
  );
