import * as z from 'zod';

/** `alerts ls --json`. */
export const alertListSchema = z.strictObject({
  alerts: z.array(
    z.strictObject({
      name: z.string(),
      severity: z.string(),
      /** `silenced` and `inhibited` fire too, but nobody is told. */
      state: z.enum(['pending', 'firing', 'silenced', 'inhibited']),
      /** RFC 3339. */
      since: z.string(),
      labels: z.record(z.string(), z.string()),
      summary: z.string(),
      runbook: z.string(),
    }),
  ),
  silences: z.array(
    z.strictObject({
      id: z.string(),
      labels: z.record(z.string(), z.string()),
      until: z.string(),
      by: z.string(),
      comment: z.string(),
    }),
  ),
});
export type AlertList = z.output<typeof alertListSchema>;

/** `alerts test --json`: what became of the test alert at each receiver. */
export const alertTestSchema = z.strictObject({
  id: z.string(),
  receivers: z.array(
    z.strictObject({
      name: z.string(),
      state: z.enum(['delivered', 'failed', 'silent']),
      /** Seconds from the alert to its delivery; null where it was not delivered. */
      seconds: z.number().nullable(),
      found: z.string(),
    }),
  ),
});
export type AlertTest = z.output<typeof alertTestSchema>;
