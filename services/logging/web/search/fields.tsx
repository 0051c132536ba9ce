/** Fields that take effect when they are left or confirmed, not while one types. */
import { useId, useState } from 'preact/hooks';
import type { ValuesAnswer } from '../api/answers.ts';
import { counted } from '../model/format.ts';
import type { Range } from '../model/range.ts';
import { useClient } from '../shell/context.ts';
import { useRequest } from '../ui/use-request.ts';

export interface DraftFieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly onCommit: (value: string) => void;
  readonly list?: string;
  readonly onFocus?: () => void;
  readonly placeholder?: string;
}

export function DraftField({ id, label, value, onCommit, list, onFocus, placeholder }: DraftFieldProps) {
  const [draft, setDraft] = useState({ of: value, text: value });
  if (draft.of !== value) setDraft({ of: value, text: value });
  return (
    <label class="field" for={id}>
      <span>{label}</span>
      <input
        id={id}
        type="text"
        maxLength={500}
        autocomplete="off"
        spellcheck={false}
        value={draft.text}
        placeholder={placeholder}
        list={list}
        onFocus={onFocus}
        onInput={(event) => setDraft({ of: value, text: event.currentTarget.value })}
        onChange={(event) => {
          if (event.currentTarget.value !== value) onCommit(event.currentTarget.value);
        }}
      />
    </label>
  );
}

/** Offers what the range holds, most frequent first; it asks for that only when somebody comes to the field. */
export function ListedField({
  field,
  label,
  range,
  value,
  onCommit,
}: {
  readonly field: string;
  readonly label: string;
  readonly range: Range;
  readonly value: string;
  readonly onCommit: (value: string) => void;
}) {
  const client = useClient();
  const list = useId();
  const [isWanted, want] = useState(false);
  const query = new URLSearchParams({ field, since: range.since, limit: '50' });
  if (range.until !== undefined) query.set('until', range.until);
  const { answer } = useRequest<ValuesAnswer>(
    query.toString(),
    isWanted ? (signal) => client.get('/api/v1/values', { query, signal }) : undefined,
  );
  return (
    <>
      <DraftField
        id={`filter-${field}`}
        label={label}
        value={value}
        onCommit={onCommit}
        list={list}
        onFocus={() => want(true)}
        {...(field === 'status' ? { placeholder: '404, 5xx' } : {})}
      />
      <datalist id={list}>
        {answer?.values.map((each) => (
          <option key={each.value} value={each.value} label={counted(each.events, 'event')} />
        ))}
      </datalist>
    </>
  );
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;

export function LevelField({
  value,
  onCommit,
}: {
  readonly value: string;
  readonly onCommit: (level: string) => void;
}) {
  const isOther = value !== '' && !LEVELS.some((level) => level === value);
  return (
    <label class="field" for="filter-level">
      <span>Level</span>
      <select id="filter-level" value={value} onChange={(event) => onCommit(event.currentTarget.value)}>
        <option value="">any</option>
        {LEVELS.map((level) => (
          <option key={level} value={level}>
            {level === 'fatal' ? level : `${level} and above`}
          </option>
        ))}
        {isOther ? <option value={value}>{`${value.toLowerCase()} and above`}</option> : null}
      </select>
    </label>
  );
}
