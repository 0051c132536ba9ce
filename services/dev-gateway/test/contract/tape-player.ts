/** Plays a recorded exchange with Kong against a gateway, and says step by step whether the answers agree. */
import { request } from 'undici';
import { differences, Identifiers } from './differences.ts';
import type { Tape, TapeStep } from './tape.ts';

/** Counts may be off by this share of all requests. */
const COUNT_TOLERANCE = 0.02;

export interface Addresses {
  readonly admin: string;
  readonly proxy: string;
}

export interface StepResult {
  readonly step: number;
  readonly title: string;
  /** Empty when the step agrees. */
  readonly differences: readonly string[];
}

type Variables = Map<string, string>;

function filled(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string')
    return value.replaceAll(/\{\{(\w+)\}\}/g, (text, name) => variables.get(name) ?? text);
  if (Array.isArray(value)) return value.map((item) => filled(item, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, variables)]));
}

function pick(body: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], body);
}

/** What the recording's client sent with every request; the echo server tells it again. */
const CLIENT_HEADERS = { 'accept-encoding': 'identity', 'user-agent': 'Python-urllib/3.11' } as const;

/** JSON as the recording's client wrote it, with blanks after commas and colons: its length is in the recording. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${spacedJson(item)}`);
  return `{${entries.join(', ')}}`;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

async function send(step: TapeStep, addresses: Addresses, variables: Variables): Promise<Answer> {
  const { to, method, path, headers, body } = step.request ?? { to: 'admin', method: 'GET', path: '/' };
  const base = to === 'admin' ? addresses.admin : addresses.proxy;
  const content = filled(body, variables);
  const isText = typeof content === 'string';
  const response = await request(`${base}${filled(path, variables)}`, {
    method: method as 'GET',
    headers: {
      ...CLIENT_HEADERS,
      ...(content === undefined || isText ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: isText ? content : spacedJson(content) }),
  });
  const text = await response.body.text();
  let parsed: unknown = text === '' ? null : text;
  try {
    parsed = text === '' ? null : JSON.parse(text);
  } catch {
    // The recording has such a body as text, too.
  }
  return { status: response.statusCode, headers: response.headers, body: parsed };
}

function headerDifferences(
  recorded: Readonly<Record<string, string>>,
  actual: Answer['headers'],
  ids: Identifiers,
): string[] {
  return Object.entries(recorded).flatMap(([name, value]) => {
    const now = actual[name];
    // How long the gateway took is its own; that it says so is compared.
    if (/latency/.test(name)) return /^\d+$/.test(String(now)) ? [] : [`header ${name}: ${now ?? 'missing'}`];
    return differences(value, now, `header.${name}`, ids);
  });
}

async function playRepeated(step: TapeStep, addresses: Addresses, variables: Variables): Promise<string[]> {
  const total = step.repeat ?? 0;
  const counted: Record<string, Record<string, number>> = {};
  for (let sent = 0; sent < total; sent += 1) {
    const { body } = await send(step, addresses, variables);
    for (const field of Object.keys(step.counted ?? {})) {
      const value = String(pick(body, field));
      const counts = counted[field] ?? {};
      counted[field] = { ...counts, [value]: (counts[value] ?? 0) + 1 };
    }
  }
  return Object.entries(step.counted ?? {}).flatMap(([field, recorded]) => {
    const values = new Set([...Object.keys(recorded), ...Object.keys(counted[field] ?? {})]);
    return [...values].flatMap((value) => {
      const [before, now] = [recorded[value] ?? 0, counted[field]?.[value] ?? 0];
      const isClose = Math.abs(before - now) <= total * COUNT_TOLERANCE;
      return isClose ? [] : [`${field} ${value}: ${before} of ${total} recorded, ${now} now`];
    });
  });
}

async function playOne(
  step: TapeStep,
  addresses: Addresses,
  variables: Variables,
  ids: Identifiers,
): Promise<string[]> {
  if (step.repeat !== undefined) return playRepeated(step, addresses, variables);
  const answer = await send(step, addresses, variables);
  for (const [name, path] of Object.entries(step.save ?? {}))
    variables.set(name, String(pick(answer.body, path)));
  const recorded = step.response;
  if (recorded === undefined) return [];
  if (recorded.status !== answer.status) {
    return [
      `status: ${recorded.status} recorded, ${answer.status} now: ${JSON.stringify(answer.body)?.slice(0, 400)}`,
    ];
  }
  return [
    ...headerDifferences(recorded.headers ?? {}, answer.headers, ids),
    ...differences(filled(recorded.body ?? null, variables), answer.body, 'body', ids),
  ];
}

const titleOf = ({ request: sent, wait_seconds: seconds }: TapeStep): string =>
  sent === undefined ? `wait ${seconds} s` : `${sent.to} ${sent.method} ${sent.path}`;

/**
 * Plays all steps in order; a step that cannot be sent counts as differing, and the tape goes on.
 *
 * @param settle waits until the gateway follows all changes; it is called where the recording waited for Kong
 * @param variables texts for `{{name}}`, such as certificates
 */
export async function playTape(
  tape: Tape,
  addresses: Addresses,
  settle: () => Promise<void>,
  variables: Readonly<Record<string, string>>,
): Promise<StepResult[]> {
  const known: Variables = new Map(Object.entries(variables));
  const ids = new Identifiers();
  const results: StepResult[] = [];
  for (const [step, content] of tape.steps.entries()) {
    const found =
      content.request === undefined
        ? await settle().then(() => [])
        : await playOne(content, addresses, known, ids).catch((error: unknown) => [
            `failed: ${String(error)}`,
          ]);
    results.push({ step, title: titleOf(content), differences: found });
  }
  return results;
}
