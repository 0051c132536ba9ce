/** How far back a view looks, in its address. */

import type { View } from '../../src/page/paths.ts';
import { addressOf } from '../model/place.ts';
import { PRESETS } from '../model/range.ts';
import { navigate } from '../shell/navigation.ts';

export function sinceOf(query: URLSearchParams, fallback: string): string {
  const since = query.get('since');
  return PRESETS.find((preset) => preset.since === since)?.since ?? fallback;
}

export function SinceSelect({ view, since }: { readonly view: View; readonly since: string }) {
  return (
    <label class="field inline">
      <span class="unseen">Time range</span>
      <select
        value={since}
        onChange={(event) =>
          navigate(addressOf(view, new URLSearchParams({ since: event.currentTarget.value })))
        }
      >
        {PRESETS.map((preset) => (
          <option key={preset.since} value={preset.since}>
            {preset.name}
          </option>
        ))}
      </select>
    </label>
  );
}
