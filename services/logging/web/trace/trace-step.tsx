/** One event of a trace: when, how long, who, what. */
import { useState } from 'preact/hooks';
import { badgeOf, levelOf, originOf } from '../model/event.ts';
import { milliseconds } from '../model/format.ts';
import { addressOf } from '../model/place.ts';
import { addressQuery, EMPTY_SEARCH } from '../model/search.ts';
import type { Step } from '../model/trace.ts';
import { EventDetails } from '../search/event-details.tsx';
import { navigate } from '../shell/navigation.ts';

export function TraceStep({ step }: { readonly step: Step }) {
  const [isOpen, setOpen] = useState(false);
  const { event } = step;
  const { upstream_ms: upstream, gateway_ms: gateway } = event;
  return (
    <li data-level={levelOf(event)}>
      <details open={isOpen} onToggle={(toggled) => setOpen(toggled.currentTarget.open)}>
        <summary class="event">
          <time dateTime={event.timestamp} title={event.timestamp}>
            +{milliseconds(step.offsetMs)}
          </time>
          <span class="span" aria-hidden="true">
            <span
              class={step.width === 0 ? 'moment' : 'duration'}
              style={{ left: `${step.from * 100}%`, width: `${step.width * 100}%` }}
            />
          </span>
          <span class="badge">{badgeOf(event)}</span>
          <span class="origin">{originOf(event)}</span>
          <span class="body">
            {event.body}
            {upstream === null || gateway === null ? null : (
              <span class="muted">{` (${milliseconds(gateway)} in the gateway, ${milliseconds(upstream)} behind it)`}</span>
            )}
          </span>
        </summary>
        {isOpen ? (
          <EventDetails
            event={event}
            search={EMPTY_SEARCH}
            go={(search) => navigate(addressOf('search', addressQuery(search)))}
          />
        ) : null}
      </details>
    </li>
  );
}
