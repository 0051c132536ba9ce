/** All of an event: its fields, every value of its record, and the record itself. */
import { useMemo } from 'preact/hooks';
import type { EventDocument } from '../api/answers.ts';
import { attributesOf, type Field, fieldsOf, recordText } from '../model/event.ts';
import { addressOf } from '../model/place.ts';
import { between } from '../model/range.ts';
import { addFilter, addressQuery, EMPTY_SEARCH } from '../model/search.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import type { SearchParts } from './results.tsx';

const AROUND_MS = 30_000;
/** A record may hold a megabyte; this much of it is shown. */
const MAX_SHOWN = 100_000;

export function EventDetails({ event, search, go }: SearchParts & { readonly event: EventDocument }) {
  const attributes = useMemo(() => attributesOf(event), [event]);
  const record = useMemo(() => recordText(event), [event]);
  const ms = Date.parse(event.timestamp);
  const around = addressQuery({ ...EMPTY_SEARCH, range: between(ms - AROUND_MS, ms + AROUND_MS) });
  return (
    <div class="details">
      <p class="whole">{event.body}</p>
      <p class="actions">
        {event.request_id === null ? null : (
          <a class="button" href={addressOf('trace', new URLSearchParams({ request_id: event.request_id }))}>
            Follow this request
          </a>
        )}
        <a class="button" href={addressOf('search', around)}>
          30 s around it
        </a>
        <CopyButton text={record} name="Copy the record" />
      </p>
      <h2>Fields</h2>
      <FieldTable fields={fieldsOf(event)} search={search} go={go} />
      <h2>Record as received</h2>
      {attributes.fields.length === 0 ? null : (
        <FieldTable fields={attributes.fields} search={search} go={go} />
      )}
      {attributes.isCut ? (
        <p class="muted">The first {attributes.fields.length} values; all of them are in the text below.</p>
      ) : null}
      <details class="raw">
        <summary>Raw record</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
        <pre tabIndex={0}>{record.slice(0, MAX_SHOWN)}</pre>
        {record.length > MAX_SHOWN ? <p class="muted">Cut here; “Copy the record” takes all of it.</p> : null}
      </details>
    </div>
  );
}

function FieldTable({ fields, search, go }: SearchParts & { readonly fields: readonly Field[] }) {
  return (
    <dl class="fields">
      {fields.map(({ name, value, filter }, position) => (
        <div key={position}>
          <dt>{name}</dt>
          <dd>
            <span>{value}</span>
            {filter === undefined ? null : (
              <button
                type="button"
                class="quiet"
                aria-label={`Only events with ${name} ${value.slice(0, 80)}`}
                title="Only events with this value"
                onClick={() => go(addFilter(search, filter.name, filter.value))}
              >
                filter
              </button>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
