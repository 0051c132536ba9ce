import { ApictlError, messageOf } from '../core/errors.ts';
import { INTERRUPTED } from '../core/interruption.ts';
import { checksFor } from './checks.ts';
import type {
  Answer,
  AskOptions,
  CheckResult,
  Finding,
  SmokeCheck,
  SmokeInput,
  SmokeWorld,
} from './model.ts';

const DEFAULT_BUDGET_MS = 60_000;
const REQUEST_TIMEOUT_MS = 10_000;
const PAUSE_MS = 250;

/**
 * Proves the running stack from outside, check by check, each bounded by the budget. It never throws for what it finds: a
 * check that cannot be made has failed, one for which no time is left is skipped and not fine either. A dozen requests with the partner's key at most, because they are limited.
 */
export async function smoke(input: SmokeInput): Promise<{ readonly checks: readonly CheckResult[] }> {
  const deadlineMs = input.clock.now() + (input.budgetMs ?? DEFAULT_BUDGET_MS);
  const world: SmokeWorld = { ...input, ask: (url, options) => ask(input, deadlineMs, url, options) };
  const checks: CheckResult[] = [];
  for (const check of checksFor(input)) checks.push(await run(check, world, deadlineMs));
  return { checks };
}

/** Nothing is wrong with what was not looked at, so its own advice would lead astray. */
const NO_TIME_LEFT: CheckState = {
  ok: false,
  skipped: true,
  found: 'not checked: the time for all checks was over',
  fix: 'Give more time with --budget.',
};

const leftOut = (missing: string): CheckState => ({
  ok: true,
  skipped: true,
  found: `not asked for: the declared state has no ${missing} as the packaged one has it`,
  fix: '',
});

type CheckState = Omit<CheckResult, 'name' | 'seconds'>;

async function run(check: SmokeCheck, world: SmokeWorld, deadlineMs: number): Promise<CheckResult> {
  const startedMs = world.clock.now();
  const missing = check.needs?.find((name) => !world.sample.has(name));
  if (missing !== undefined) return { name: check.name, ...leftOut(missing), seconds: 0 };
  const state = startedMs < deadlineMs ? await made(check, world, deadlineMs) : NO_TIME_LEFT;
  return { name: check.name, ...state, seconds: (world.clock.now() - startedMs) / 1000 };
}

async function made(check: SmokeCheck, world: SmokeWorld, deadlineMs: number): Promise<CheckState> {
  const { clock, signal } = world;
  const untilMs = Math.min(deadlineMs, clock.now() + (check.patienceMs ?? 0));
  let finding = await look(check, world);
  while (!finding.ok && clock.now() + PAUSE_MS < untilMs && signal?.aborted !== true) {
    await clock.sleep(PAUSE_MS, signal);
    const again = await look(check, world);
    // A question that the deadline cut off says less than the answer before it.
    if (again.ok || clock.now() < deadlineMs) finding = again;
  }
  return { ...finding, fix: finding.ok ? '' : check.fix };
}

const look = (check: SmokeCheck, world: SmokeWorld): Promise<Finding> =>
  check.look(world).catch((thrown: unknown) => {
    if (thrown instanceof ApictlError && thrown.code === INTERRUPTED) throw thrown;
    return { ok: false, found: messageOf(thrown) };
  });

async function ask(
  input: SmokeInput,
  deadlineMs: number,
  url: string,
  options: AskOptions = {},
): Promise<Answer> {
  const left = Math.max(1, deadlineMs - input.clock.now());
  const response = await input.http.request({
    method: 'GET',
    url,
    timeoutMs: Math.min(REQUEST_TIMEOUT_MS, left),
    ...(options.headers === undefined ? {} : { headers: options.headers }),
    ...(url.startsWith('https:') ? trustOf(input) : {}),
    ...(input.signal === undefined ? {} : { signal: input.signal }),
  });
  return { ...response, json: parsed(response.body) };
}

const trustOf = ({ ca, serverName }: SmokeInput) => ({
  ca,
  ...(serverName === undefined ? {} : { serverName }),
});

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
