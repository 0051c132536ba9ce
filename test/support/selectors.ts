import { parser } from '@prometheus-io/lezer-promql';

/** What a query asks for: a metric, and what its labels have to be. */
export interface Selector {
  /** As it is written. */
  readonly text: string;
  readonly metric: string;
  readonly matchers: readonly {
    readonly label: string;
    readonly operator: string;
    readonly value: string;
  }[];
}

/** By Prometheus' own grammar. @throws where it is no PromQL */
export function selectorsOf(expr: string): Selector[] {
  const found: {
    text: string;
    metric: string;
    matchers: { label: string; operator: string; value: string }[];
  }[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, name, from, to }) => {
      const text = expr.slice(from, to);
      if (type.isError) throw new Error(`no PromQL at ${from}: ${expr}`);
      const selector = found.at(-1);
      if (name === 'VectorSelector') found.push({ text, metric: '', matchers: [] });
      else if (name === 'Identifier' && selector !== undefined) selector.metric = text;
      else if (name === 'UnquotedLabelMatcher') {
        const [, label = '', operator = '', value = ''] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/s.exec(text) ?? [];
        selector?.matchers.push({ label, operator, value: JSON.parse(`"${value}"`) });
      }
    },
  });
  return found;
}

/** Labels as `a="b",c="d"`. */
export const labelsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );

/** Whether a series with these labels is one of those that are asked for; a label that is not there is empty. */
export const selects = ({ matchers }: Selector, labels: Readonly<Record<string, string>>): boolean =>
  matchers.every(({ label, operator, value }) => {
    const given = labels[label] ?? '';
    const holds = operator.includes('~') ? new RegExp(`^(?:${value})$`).test(given) : given === value;
    return operator.startsWith('!') ? !holds : holds;
  });
