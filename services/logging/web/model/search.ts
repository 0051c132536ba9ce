/** What is searched for, as the address of the view holds it and as the API takes it: the names are the same. */
import { DEFAULT_RANGE, type Range } from './range.ts';

/** Parameters that hold one value, and those that may be repeated. */
export const SINGLE_FILTERS = ['request_id', 'trace_id', 'status', 'level'] as const;
export const REPEATED_FILTERS = [
  'service',
  'route',
  'consumer',
  'source',
  'kind',
  'method',
  'path',
  'attribute',
] as const;

export type FilterName = (typeof SINGLE_FILTERS)[number] | (typeof REPEATED_FILTERS)[number];
export type Filters = Readonly<Partial<Record<FilterName, readonly string[]>>>;

export interface Search {
  readonly text: string;
  readonly range: Range;
  readonly filters: Filters;
  /** True for what comes from now on, false for what is stored. */
  readonly isLive: boolean;
}

export const FILTER_NAMES: readonly FilterName[] = [...SINGLE_FILTERS, ...REPEATED_FILTERS];
const MAX_VALUES = 20;
const MAX_LENGTH = 500;

export const EMPTY_SEARCH: Search = { text: '', range: DEFAULT_RANGE, filters: {}, isLive: false };

function isSingle(name: FilterName): boolean {
  return SINGLE_FILTERS.some((single) => single === name);
}

/** Reads the address of a view; what it does not know is left out. */
export function parseSearch(query: URLSearchParams): Search {
  const filters: Partial<Record<FilterName, readonly string[]>> = {};
  for (const name of FILTER_NAMES) {
    const values = query.getAll(name).filter((value) => value !== '' && value.length <= MAX_LENGTH);
    if (values.length > 0) filters[name] = values.slice(0, isSingle(name) ? 1 : MAX_VALUES);
  }
  return {
    text: (query.get('q') ?? '').slice(0, MAX_LENGTH),
    range: { since: query.get('since') ?? DEFAULT_RANGE.since, until: query.get('until') ?? undefined },
    filters,
    isLive: query.get('live') === '1',
  };
}

/** Text and filters, without the time. */
export function filterQuery({ text, filters }: Search): URLSearchParams {
  const query = new URLSearchParams();
  if (text.trim() !== '') query.set('q', text.trim());
  for (const name of FILTER_NAMES) for (const value of filters[name] ?? []) query.append(name, value);
  return query;
}

/** What the API is asked. */
export function apiQuery(search: Search): URLSearchParams {
  const query = filterQuery(search);
  query.set('since', search.range.since);
  if (search.range.until !== undefined) query.set('until', search.range.until);
  return query;
}

/** The address under which somebody else sees the same. */
export function addressQuery(search: Search): URLSearchParams {
  const query = apiQuery(search);
  if (search.isLive) query.set('live', '1');
  return query;
}

export function withFilter(search: Search, name: FilterName, values: readonly string[]): Search {
  const { [name]: _, ...others } = search.filters;
  const kept = isSingle(name) ? values.slice(0, 1) : [...new Set(values)].slice(0, MAX_VALUES);
  return { ...search, filters: kept.length === 0 ? others : { ...others, [name]: kept } };
}

/** One more value where a filter takes several, this value where it takes one. */
export function addFilter(search: Search, name: FilterName, value: string): Search {
  const values = isSingle(name) ? [value] : [...(search.filters[name] ?? []), value];
  return withFilter(search, name, values);
}

export function removeFilter(search: Search, name: FilterName, value: string): Search {
  const values = (search.filters[name] ?? []).filter((each) => each !== value);
  return withFilter(search, name, values);
}

/** Several values of a field, as one writes them into a line. */
export function splitValues(line: string): string[] {
  return line
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
}
