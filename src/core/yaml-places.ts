/** What a YAML parser tells of one place; its message must not name the place itself (`prettyErrors: false`). */
interface YamlError {
  /** Offset of the place in the text, and of its end. */
  readonly pos: readonly [number, number];
  readonly message: string;
  readonly code?: string;
}

/** The first line of what the parser says; of some errors it speaks to who wrote the program. */
export const yamlWords = ({ code, message }: Pick<YamlError, 'code' | 'message'>): string =>
  code === 'MULTIPLE_DOCS'
    ? 'there is a second document after ---; a file has one'
    : (message.split('\n')[0] ?? '');

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
  errors.map((error) => placeLine({ ...lines.linePos(error.pos[0]), message: yamlWords(error) }));
