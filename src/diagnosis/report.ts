import * as z from 'zod';
import type { FailureFacts } from './model.ts';
import type { Explained } from './upstream.ts';

/** What is told of one service that is not well: the entries of `error.services` of `--json`. */
export const serviceReportSchema = z.object({
  service: z.string(),
  rule: z.string().describe('The failure that was recognised, as in docs/troubleshooting.md.'),
  cause: z.string(),
  hint: z.string(),
  becauseOf: z.string().nullable().describe('The service whose failure explains this one.'),
  container: z.string().nullable(),
  state: z.string().nullable(),
  exitCode: z.number().int().nullable(),
  restarts: z.number().int(),
  healthCheck: z
    .object({
      command: z.string(),
      runs: z.array(
        z.object({
          exitCode: z.number().int(),
          output: z.string(),
          times: z.number().int().describe('How often in a row it said the same.'),
          first: z.string(),
          last: z.string(),
        }),
      ),
    })
    .nullable(),
  ports: z.array(z.object({ port: z.number().int(), listening: z.boolean().nullable() })),
  log: z.array(z.object({ time: z.string(), stream: z.string(), text: z.string() })),
  notStarted: z.array(z.string()).describe('The services that wait for this one and were never started.'),
});
export type ServiceReport = z.output<typeof serviceReportSchema>;

const LOG_LINES = 20;
const RUNS = 5;

/** Everything of a failure that helps to find it, in the order in which it is read. Pure. */
export function serviceReport(
  facts: FailureFacts,
  explained: Explained,
  notStarted: readonly string[],
): ServiceReport {
  const { details, checks, listening } = facts;
  const { service, rule, cause, hint, becauseOf } = explained;
  return {
    service,
    rule,
    cause,
    hint,
    becauseOf,
    container: details?.name ?? null,
    state: details?.state ?? null,
    exitCode: facts.exitCode,
    restarts: details?.restarts ?? 0,
    healthCheck:
      details === null || details.healthTest.length === 0
        ? null
        : {
            command: details.healthTest.slice(1).join(' '),
            runs: checks.slice(-RUNS).map(({ exitCode, output, times, firstMs, lastMs }) => ({
              exitCode,
              output: output.trim(),
              times,
              first: new Date(firstMs).toISOString(),
              last: new Date(lastMs).toISOString(),
            })),
          },
    ports: (details?.containerPorts ?? []).map((port) => ({
      port,
      listening: listening === null ? null : listening.includes(port),
    })),
    log: facts.log
      .slice(-LOG_LINES)
      .map(({ timestamp, stream, text }) => ({ time: timestamp, stream, text })),
    notStarted: [...notStarted],
  };
}
