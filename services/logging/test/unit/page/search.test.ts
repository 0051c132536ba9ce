import { describe, expect, it } from 'vitest';
import { addressOf, parsePlace } from '../../../web/model/place.ts';
import { between, fromLocalInput, isPreset, scaled, toLocalInput } from '../../../web/model/range.ts';
import {
  addFilter,
  addressQuery,
  apiQuery,
  EMPTY_SEARCH,
  filterQuery,
  parseSearch,
  removeFilter,
  splitValues,
  withFilter,
} from '../../../web/model/search.ts';

const parsed = (address: string) => parseSearch(new URLSearchParams(address));

describe('a search in the address', () => {
  it('comes back from its own address as it was', () => {
    const search = parsed(
      'q=%22two+words%22+-not&service=a&service=b&status=5xx,404&level=warn&request_id=r&attribute=x=1=2&since=15m&live=1',
    );
    expect(parsed(addressQuery(search).toString())).toEqual(search);
    expect(search).toMatchObject({
      text: '"two words" -not',
      isLive: true,
      range: { since: '15m', until: undefined },
      filters: { service: ['a', 'b'], status: ['5xx,404'], attribute: ['x=1=2'] },
    });
  });

  it('is the last hour of everything where the address says nothing', () => {
    expect(parsed('')).toEqual(EMPTY_SEARCH);
    expect(apiQuery(EMPTY_SEARCH).toString()).toBe('since=1h');
  });

  it('leaves out what it does not know, empty values, and more than the API takes', () => {
    const many = Array.from({ length: 30 }, (_, index) => `route=r${index}`).join('&');
    const search = parsed(
      `__proto__=1&cursor=x&limit=9&service=&level=info&level=error&${many}&q=${'x'.repeat(900)}`,
    );
    expect(Object.keys(search.filters)).toEqual(['level', 'route']);
    expect(search.filters.level).toEqual(['info']);
    expect(search.filters.route).toHaveLength(20);
    expect(search.text).toHaveLength(500);
  });

  it('asks the API for neither the time nor the liveness where it follows', () => {
    expect(filterQuery(parsed('q=+x+&since=1h&until=2026-01-01&live=1&kind=log')).toString()).toBe(
      'q=x&kind=log',
    );
  });
});

describe('changing filters', () => {
  it('adds to those that take several values, each once, and replaces the others', () => {
    const search = addFilter(addFilter(addFilter(EMPTY_SEARCH, 'route', 'a'), 'route', 'b'), 'route', 'a');
    expect(search.filters).toEqual({ route: ['a', 'b'] });
    expect(addFilter(addFilter(EMPTY_SEARCH, 'level', 'info'), 'level', 'warn').filters).toEqual({
      level: ['warn'],
    });
  });

  it('forgets a filter without values', () => {
    const search = withFilter(EMPTY_SEARCH, 'source', ['kong']);
    expect(removeFilter(search, 'source', 'kong')).toEqual(EMPTY_SEARCH);
    expect(removeFilter(search, 'source', 'other')).toEqual(search);
  });

  it('reads several values from a line', () => {
    expect(splitValues(' a, b c ,,d ')).toEqual(['a', 'b c', 'd']);
    expect(splitValues(' , ')).toEqual([]);
  });
});

describe('ranges', () => {
  it('zoom around their middle, never to nothing and never out of the calendar', () => {
    const hour = 3_600_000;
    const noon = Date.UTC(2026, 0, 1, 12);
    expect(scaled(noon, noon + hour, 3)).toEqual({
      since: '2026-01-01T11:00:00.000Z',
      until: '2026-01-01T14:00:00.000Z',
    });
    expect(scaled(noon, noon, 3)).toEqual(between(noon, noon + 1));
    expect(scaled(Date.UTC(2001), noon, 1000)).toEqual({
      since: '2000-01-01T00:00:00.000Z',
      until: '2200-01-01T00:00:00.000Z',
    });
  });

  it('are usual ones only without an end', () => {
    expect(isPreset({ since: '1h', until: undefined })).toBe(true);
    expect(isPreset({ since: '1h', until: '2026-01-01T00:00:00Z' })).toBe(false);
    expect(isPreset({ since: '61m', until: undefined })).toBe(false);
  });

  it('go through a field of local time and back', () => {
    const iso = '2026-03-29T01:30:00.000Z';
    expect(fromLocalInput(toLocalInput(iso))).toBe(iso);
    expect([toLocalInput('1h'), toLocalInput(undefined), fromLocalInput('')]).toEqual(['', '', undefined]);
  });
});

describe('places', () => {
  it('are told apart by their path; an unknown one is the search', () => {
    const query = new URLSearchParams({ request_id: 'a b' });
    expect(addressOf('trace', query)).toBe('/trace?request_id=a+b');
    expect(parsePlace('/trace', '?request_id=a+b')).toEqual({ view: 'trace', query });
    expect(parsePlace('/nowhere', '').view).toBe('search');
    expect(addressOf('search')).toBe('/');
  });
});
