/** The alerts that Alertmanager has sent. */
import type { AlertsAnswer } from '../api/answers.ts';
import { type Alert, searchAround, sorted } from '../model/alerts.ts';
import { counted } from '../model/format.ts';
import { addressOf, type Place } from '../model/place.ts';
import { ago, fullTime } from '../model/time.ts';
import { useClient } from '../shell/context.ts';
import { useShortcuts } from '../shell/keys.ts';
import { ProblemNotice } from '../ui/notice.tsx';
import { SinceSelect, sinceOf } from '../ui/since-select.tsx';
import { useEvery } from '../ui/use-every.ts';
import { useRequest } from '../ui/use-request.ts';

const EVERY_SECONDS = 15;

export function AlertsView({ place }: { readonly place: Place }) {
  const client = useClient();
  const since = sinceOf(place.query, '24h');
  const { answer, problem, isAsking, again } = useRequest<AlertsAnswer>(since, (signal) =>
    client.get('/api/v1/alerts', { query: new URLSearchParams({ since }), signal }),
  );
  useEvery(EVERY_SECONDS, again);
  useShortcuts({ r: again });
  const alerts = sorted(answer?.alerts ?? []);
  const firing = alerts.filter(({ isFiring }) => isFiring).length;
  return (
    <>
      <div class="title">
        <h1>Alerts</h1>
        <SinceSelect view="alerts" since={since} />
      </div>
      {problem === undefined ? null : <ProblemNotice problem={problem} onRetry={again} />}
      <p role="status" class="lead" aria-busy={isAsking && answer === undefined}>
        {answer === undefined
          ? 'Asking …'
          : alerts.length === 0
            ? 'Alertmanager has sent nothing in this time.'
            : `${counted(firing, 'alert')} firing, ${alerts.length - firing} resolved`}
      </p>
      <ul class="alerts">
        {alerts.map((alert) => (
          <AlertCard key={alert.id} alert={alert} />
        ))}
      </ul>
    </>
  );
}

function AlertCard({ alert }: { readonly alert: Alert }) {
  const now = Date.now();
  return (
    <li class={alert.isFiring ? 'card firing' : 'card'}>
      <h2>
        {alert.name} <span class="tag">{alert.isFiring ? 'firing' : 'resolved'}</span>
        {alert.severity === '' ? null : <span class="tag plain">{alert.severity}</span>}
      </h2>
      {alert.summary === '' ? null : <p>{alert.summary}</p>}
      {alert.description === '' ? null : <p class="muted">{alert.description}</p>}
      <p class="muted">
        since <time dateTime={alert.startsAt ?? ''}>{fullTime(alert.startsAt ?? '')}</time>
        {alert.endsAt === null ? null : (
          <>
            {' until '}
            <time dateTime={alert.endsAt}>{fullTime(alert.endsAt)}</time>
          </>
        )}
        {`, received ${ago(alert.receivedAt, now)}`}
      </p>
      <ul class="labels" aria-label="Labels">
        {alert.labels.map(([name, value]) => (
          <li key={name}>
            {name}={value}
          </li>
        ))}
      </ul>
      <p class="actions">
        <a class="button" href={addressOf('search', searchAround(alert, now))}>
          Logs of that time
        </a>
      </p>
    </li>
  );
}
