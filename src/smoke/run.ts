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
 * check that cannot be made has failed. A dozen requests with the partner's key at most, because they are limited.
 */
export async function smoke(input: SmokeInput): Promise<{ readonly checks: readonly CheckResult[] }> {
  const deadlineMs = input.clock.now() + (input.budgetMs ?? DEFAULT_BUDGET_MS);
  const world: SmokeWorld = { ...input, ask: (url, options) => ask(input, deadlineMs, url, options) };
  const checks: CheckResult[] = [];
  for (const check of checksFor(input)) checks.push(await run(check, world, deadlineMs));
  return { checks };
}

async function run(check: SmokeCheck, world: SmokeWorld, deadlineMs: number): Promise<CheckResult> {
  const { clock, signal } = world;
  const startedMs = clock.now();
  const untilMs = Math.min(deadlineMs, startedMs + (check.patienceMs ?? 0));
  let finding: Finding = { ok: false, found: 'not checked: the time for all checks was over' };
  if (startedMs < deadlineMs) {
    finding = await look(check, world);
    while (!finding.ok && clock.now() + PAUSE_MS < untilMs && signal?.aborted !== true) {
      await clock.sleep(PAUSE_MS, signal);
      const again = await look(check, world);
      // A question that the deadline cut off says less than the answer before it.
      if (again.ok || clock.now() < deadlineMs) finding = again;
    }
  }
  return {
    name: check.name,
    ...finding,
    fix: finding.ok ? '' : check.fix,
    seconds: (clock.now() - startedMs) / 1000,
  };
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
