import type { ContainerDetails, LogLine } from '../core/ports/engine.ts';
import { exitCodeInWords } from './exit-codes.ts';

/** Everything that is known of a service that did not become ready. */
export interface FailureFacts {
  readonly service: string;
  readonly details: ContainerDetails;
  /** The last lines of its log, oldest first. */
  readonly log: readonly LogLine[];
  /** How the wait ended. */
  readonly ending: 'ended' | 'broken-check' | 'deadline' | 'unhealthy';
  readonly exitCode: number;
  /** What the health check said last; empty where it never ran. */
  readonly checkOutput: string;
}

export interface Finding {
  readonly cause: string;
  readonly hint: string;
  /** Lines that show it: the health check's words, the last of the log. */
  readonly evidence: readonly string[];
}

type Recogniser = (facts: FailureFacts) => { readonly cause: string; readonly hint: string } | undefined;

const oomKilled: Recogniser = ({ details, service }) =>
  details.oomKilled
    ? {
        cause: `was ended by the kernel because it needed more than its ${Math.round(details.memoryLimitBytes / 1024 ** 2)} MiB of memory`,
        hint: `Give ${service} more memory in compose.override.yaml (mem_limit), or less to do.`,
      }
    : undefined;

const engineCouldNotStart: Recogniser = ({ details }) =>
  details.error === ''
    ? undefined
    : {
        cause: `could not be started by the engine: ${details.error}`,
        hint: 'See "apictl doctor" for what stands in the way.',
      };

const passwordRefused: Recogniser = ({ log }) =>
  log.some(({ text }) => /password authentication failed for user/i.test(text))
    ? {
        cause:
          'was refused by PostgreSQL: the password in secrets/values/postgres-password is not the one its data was created with',
        hint: 'Put the right password back, or give up the data with "apictl down --volumes".',
      }
    : undefined;

const unreadableSecret: Recogniser = ({ log }) => {
  const line = log.find(
    ({ text }) => /\/run\/secrets\/\S+/.test(text) && /denied|no such file|missing|empty/i.test(text),
  );
  return line === undefined
    ? undefined
    : {
        cause: `cannot use a secret: ${line.text.trim()}`,
        hint: 'See "apictl secrets ls" for the state of every secret.',
      };
};

const diskFull: Recogniser = ({ log }) =>
  log.some(({ text }) => /no space left on device/i.test(text))
    ? {
        cause: 'ran out of disk space',
        hint: 'Free some space ("docker system df" says what the engine holds) and run "apictl up" again.',
      }
    : undefined;

const brokenCheck: Recogniser = ({ ending, checkOutput }) =>
  ending === 'broken-check'
    ? {
        cause: `has a health check that cannot run: ${lastLine(checkOutput) || 'command not found'}`,
        hint: 'Correct backends.healthCommand or the image.',
      }
    : undefined;

const endedByItself: Recogniser = ({ ending, exitCode, service }) =>
  ending === 'ended'
    ? { cause: exitCodeInWords(exitCode), hint: `Read all of its output with "apictl logs ${service}".` }
    : undefined;

const checkSaysNo: Recogniser = ({ checkOutput, service }) => ({
  cause: checkOutput.trim() === '' ? 'is not healthy' : `is not healthy: ${lastLine(checkOutput)}`,
  hint: `Read its output with "apictl logs ${service}"; a slow machine may need more with --timeout SECONDS.`,
});

/** The first that knows the failure wins; the most telling come first, the last knows all. */
const RECOGNISERS: readonly Recogniser[] = [
  oomKilled,
  engineCouldNotStart,
  passwordRefused,
  unreadableSecret,
  diskFull,
  brokenCheck,
  endedByItself,
  checkSaysNo,
];

const LOG_LINES = 10;

/** Why a service is not ready and what to do about it. */
export function diagnose(facts: FailureFacts): Finding {
  const found = RECOGNISERS.map((recognise) => recognise(facts)).find((finding) => finding !== undefined);
  if (found === undefined) throw new Error('the last recogniser knows every failure');
  return { ...found, evidence: evidenceOf(facts) };
}

function evidenceOf({ details, checkOutput, log, service, ending }: FailureFacts): string[] {
  const check =
    ending === 'ended' || details.healthTest.length === 0
      ? []
      : [
          `health check: ${details.healthTest.slice(1).join(' ').slice(0, 200)}`,
          ...(checkOutput.trim() === '' ? [] : [`  ${lastLine(checkOutput)}`]),
        ];
  const lines = log.slice(-LOG_LINES).map(({ text }) => `  ${text}`);
  return [
    ...check,
    lines.length === 0 ? `${service} has written nothing to its log` : `last lines of ${service}:`,
    ...lines,
  ];
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
