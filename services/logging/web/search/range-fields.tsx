/** The stretch of time: one of the usual ones, or from here to there. */
import { useState } from 'preact/hooks';
import { fromLocalInput, isPreset, PRESETS, type Range, toLocalInput } from '../model/range.ts';

const OWN = 'own';

export function RangeFields({
  range,
  onChange,
}: {
  readonly range: Range;
  readonly onChange: (range: Range) => void;
}) {
  const [isOwnWanted, wantOwn] = useState(false);
  const isOwn = isOwnWanted || !isPreset(range);
  const choose = (since: string): void => {
    wantOwn(since === OWN);
    if (since !== OWN) onChange({ since, until: undefined });
  };
  return (
    <>
      <label class="unseen" for="range">
        Time range
      </label>
      <select
        id="range"
        value={isOwn ? OWN : range.since}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {PRESETS.map(({ since, name }) => (
          <option key={since} value={since}>
            {name}
          </option>
        ))}
        <option value={OWN}>from … to …</option>
      </select>
      {isOwn ? (
        <span class="ends">
          <label class="unseen" for="since">
            From
          </label>
          <input
            id="since"
            type="datetime-local"
            step={1}
            value={toLocalInput(range.since)}
            onChange={(event) => {
              const since = fromLocalInput(event.currentTarget.value);
              if (since !== undefined) onChange({ ...range, since });
            }}
          />
          <span aria-hidden="true">–</span>
          <label class="unseen" for="until">
            To
          </label>
          <input
            id="until"
            type="datetime-local"
            step={1}
            value={toLocalInput(range.until)}
            onChange={(event) => onChange({ ...range, until: fromLocalInput(event.currentTarget.value) })}
          />
        </span>
      ) : null}
    </>
  );
}
