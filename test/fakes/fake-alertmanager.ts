import type { Http, HttpRequest } from '../../src/core/ports/http.ts';

// biome-ignore lint/suspicious/noExplicitAny: what tests post is what they read
type Body = any;

interface Told {
  attempts: number;
  failedAttempts: number;
  givenUp: Record<string, number>;
}

/** An Alertmanager (and the Prometheus beside it) that does what the test says with each alert it is sent. */
export class FakeAlertmanager implements Http {
  readonly posted: { labels: Record<string, string>; endsAt: string }[][] = [];
  readonly silences: { id: string; body: Record<string, unknown> }[] = [];
  readonly told = new Map<string, Told>();
  /** What Prometheus and Alertmanager answer for their alerts. */
  evaluated: unknown[] = [];
  notified: unknown[] = [];
  #onLook: () => void = () => {};

  constructor(receivers: readonly string[]) {
    for (const name of receivers) this.told.set(name, { attempts: 0, failedAttempts: 0, givenUp: {} });
  }

  /** Called whenever somebody looks at what the receivers were told, after the first alert. */
  onLook(work: () => void): void {
    this.#onLook = work;
  }

  of(receiver: string): Told {
    const told = this.told.get(receiver);
    if (told === undefined) throw new Error(`there is no receiver ${receiver}`);
    return told;
  }

  async request({ method, url, body }: HttpRequest) {
    const answer = this.#answer(
      method,
      new URL(url).pathname,
      typeof body === 'string' ? JSON.parse(body) : null,
    );
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
    return { status: answer === null ? 404 : 200, headers: {}, body: text, durationMs: 1 };
  }

  #answer(method: string, path: string, body: Body): unknown {
    switch (`${method} ${path}`) {
      case 'GET /api/v1/alerts':
        return { data: { alerts: this.evaluated } };
      case 'GET /api/v2/alerts':
        return this.notified;
      case 'POST /api/v2/alerts':
        this.posted.push(body);
        return '';
      case 'GET /api/v2/receivers':
        return [...this.told.keys()].map((name) => ({ name }));
      case 'GET /api/v2/silences':
        return this.silences.map(({ id, body: silence }) => ({
          id,
          status: { state: 'active' },
          ...silence,
        }));
      case 'POST /api/v2/silences':
        this.silences.push({ id: `s${this.silences.length + 1}`, body });
        return { silenceID: this.silences.at(-1)?.id };
      case 'GET /metrics':
        if (this.posted.length > 0) this.#onLook();
        return [...this.told].map(([name, told]) => metrics(name, told)).join('\n');
      default:
        return this.#remove(method, path);
    }
  }

  #remove(method: string, path: string): '' | null {
    const id = /^\/api\/v2\/silence\/(.+)$/.exec(path)?.[1];
    const at = this.silences.findIndex((silence) => silence.id === id);
    if (method !== 'DELETE' || at < 0) return null;
    this.silences.splice(at, 1);
    return '';
  }
}

/** As Alertmanager 0.28 writes them with the feature receiver-name-in-metrics. */
function metrics(name: string, { attempts, failedAttempts, givenUp }: Told): string {
  const labels = `integration="webhook",receiver_name="${name}"`;
  return [
    `alertmanager_notification_requests_total{${labels}} ${attempts}`,
    `alertmanager_notification_requests_failed_total{${labels}} ${failedAttempts}`,
    ...Object.entries(givenUp).map(
      ([reason, count]) =>
        `alertmanager_notifications_failed_total{integration="webhook",reason="${reason}",receiver_name="${name}"} ${count}`,
    ),
  ].join('\n');
}
