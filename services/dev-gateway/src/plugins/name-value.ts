/** The `name:value` entries of the transformer plugins; the value may itself hold colons. */
export interface NameValue {
  readonly name: string;
  readonly value: string;
}

export const parseNameValue = (entry: string): NameValue => {
  const colon = entry.indexOf(':');
  return colon < 0
    ? { name: entry, value: '' }
    : { name: entry.slice(0, colon), value: entry.slice(colon + 1) };
};
