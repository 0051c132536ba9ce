const argumentName = (part: string): string => {
  const equals = part.indexOf('=');
  const raw = (equals < 0 ? part : part.slice(0, equals)).replaceAll('+', ' ');
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
};

const argumentValue = (part: string): string => {
  const equals = part.indexOf('=');
  if (equals < 0) return '';
  const raw = part.slice(equals + 1).replaceAll('+', ' ');
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
};

/** The first value of a query argument, decoded. */
export const queryArgument = (query: string | undefined, name: string): string | undefined => {
  if (query === undefined) return undefined;
  const part = query.split('&').find((candidate) => candidate !== '' && argumentName(candidate) === name);
  return part === undefined ? undefined : argumentValue(part);
};

/** The names of all query arguments, decoded, each once. */
export const argumentNames = (query: string | undefined): string[] => [
  ...new Set(
    (query ?? '')
      .split('&')
      .filter((part) => part !== '')
      .map(argumentName),
  ),
];

/** Every value of a query argument, decoded. */
export const queryArguments = (query: string | undefined, name: string): string[] =>
  (query ?? '')
    .split('&')
    .filter((part) => part !== '' && argumentName(part) === name)
    .map(argumentValue);

/** The query without an argument; the rest keeps its bytes. Undefined when nothing is left. */
export const withoutQueryArgument = (query: string, name: string): string | undefined => {
  const kept = query.split('&').filter((part) => argumentName(part) !== name);
  return kept.length === 0 ? undefined : kept.join('&');
};

export const withQueryArgument = (query: string | undefined, name: string, value: string): string => {
  const part = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  return query === undefined || query === '' ? part : `${query}&${part}`;
};

export const replaceQueryArgument = (query: string, name: string, value: string): string =>
  query
    .split('&')
    .map((part) =>
      argumentName(part) === name ? `${encodeURIComponent(name)}=${encodeURIComponent(value)}` : part,
    )
    .join('&');

export const renameQueryArgument = (query: string, from: string, to: string): string =>
  query
    .split('&')
    .map((part) => {
      if (argumentName(part) !== from) return part;
      const equals = part.indexOf('=');
      return encodeURIComponent(to) + (equals < 0 ? '' : part.slice(equals));
    })
    .join('&');
