/** What is searched for: words, time and fields. */
import { useState } from 'preact/hooks';
import { EMPTY_SEARCH, type Search, splitValues, withFilter } from '../model/search.ts';
import { DraftField, LevelField, ListedField } from './fields.tsx';
import { FilterChips } from './filter-chips.tsx';
import { RangeFields } from './range-fields.tsx';

export interface SearchFormProps {
  readonly search: Search;
  readonly go: (search: Search) => void;
  readonly onTurnLive: () => void;
}

/** Fields whose values the service can list. */
const LISTED = [
  ['service', 'Service'],
  ['route', 'Route'],
  ['status', 'Status'],
  ['consumer', 'Consumer'],
] as const;

export function SearchForm({ search, go, onTurnLive }: SearchFormProps) {
  const [areFiltersShown, showFilters] = useState(false);
  const [text, setText] = useState({ of: search.text, draft: search.text });
  // Another search was called up: its words replace what was being typed.
  if (text.of !== search.text) setText({ of: search.text, draft: search.text });
  const filterCount = Object.keys(search.filters).length;
  const set = (name: Parameters<typeof withFilter>[1], values: readonly string[]): void =>
    go(withFilter(search, name, values));
  return (
    <search>
      <form
        class="search"
        onSubmit={(event) => {
          event.preventDefault();
          go({ ...search, text: text.draft });
        }}
      >
        <div class="first">
          <label class="unseen" for="text">
            Search text
          </label>
          <input
            id="text"
            type="search"
            maxLength={500}
            placeholder={'Words, "a phrase", -without'}
            autocomplete="off"
            spellcheck={false}
            value={text.draft}
            onInput={(event) => setText({ of: search.text, draft: event.currentTarget.value })}
          />
          {search.isLive ? null : (
            <RangeFields range={search.range} onChange={(range) => go({ ...search, range })} />
          )}
          <button type="submit" class="primary">
            Search
          </button>
          <button type="button" aria-pressed={search.isLive} onClick={onTurnLive} title="Live tail (l)">
            <span class="dot" aria-hidden="true" /> Live
          </button>
          <button
            type="button"
            class="narrow-only"
            aria-expanded={areFiltersShown}
            aria-controls="filters"
            onClick={() => showFilters(!areFiltersShown)}
          >
            {filterCount === 0 ? 'Filters' : `Filters (${filterCount})`}
          </button>
        </div>
        <fieldset id="filters" class={areFiltersShown ? 'filters' : 'filters folded'}>
          <legend class="unseen">Filters</legend>
          {LISTED.map(([name, label]) => (
            <ListedField
              key={name}
              field={name}
              label={label}
              range={search.range}
              value={(search.filters[name] ?? []).join(', ')}
              onCommit={(line) =>
                set(
                  name,
                  name === 'status'
                    ? [line.replaceAll(' ', '')].filter((each) => each !== '')
                    : splitValues(line),
                )
              }
            />
          ))}
          <LevelField
            value={search.filters.level?.[0] ?? ''}
            onCommit={(level) => set('level', level === '' ? [] : [level])}
          />
          <DraftField
            id="filter-request_id"
            label="Request id"
            value={search.filters.request_id?.[0] ?? ''}
            onCommit={(id) => set('request_id', id.trim() === '' ? [] : [id.trim()])}
          />
        </fieldset>
        <FilterChips
          search={search}
          go={go}
          onClear={() => go({ ...EMPTY_SEARCH, range: search.range, isLive: search.isLive })}
        />
      </form>
    </search>
  );
}
