/** The `headers` of a route: every named header must have one of the listed values, or match a `~*` expression. */

export interface HeaderPattern {
  /** Lower case. */
  readonly name: string;
  matches(values: readonly string[]): boolean;
}

export const compileHeader = (name: string, wanted: readonly string[]): HeaderPattern => {
  const plain = new Set<string>();
  const expressions: RegExp[] = [];
  for (const value of wanted) {
    if (value.startsWith('~*')) expressions.push(new RegExp(value.slice(2).toLowerCase()));
    else plain.add(value.toLowerCase());
  }
  return {
    name: name.toLowerCase(),
    matches: (values) =>
      values.some((value) => {
        const lower = value.toLowerCase();
        return plain.has(lower) || expressions.some((expression) => expression.test(lower));
      }),
  };
};
