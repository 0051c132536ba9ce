import * as z from 'zod';
import { FLAVOURS } from '../../config/choices.ts';

const serviceSchema = z.object({
  name: z.string(),
  state: z.enum(['running', 'exited', 'created', 'missing', 'restarting', 'paused', 'dead', 'removing']),
  health: z.enum(['healthy', 'starting', 'unhealthy', 'none']),
  image: z.string(),
  uptimeSeconds: z.number().int(),
  restarts: z.number().int(),
  ports: z.array(z.string()),
  memoryBytes: z.number().int(),
  cpuPercent: z.number(),
  problem: z
    .object({
      cause: z.string(),
      hint: z.string(),
      becauseOf: z.string().nullable().describe('The service whose problem explains this one.'),
    })
    .nullable(),
});
export type ServiceStatus = z.output<typeof serviceSchema>;

/** What `status --json` prints. */
export const statusSchema = z.object({
  project: z.string(),
  state: z.enum(['healthy', 'degraded', 'stopped']),
  images: z.enum(FLAVOURS).nullable(),
  services: z.array(serviceSchema),
  leftOut: z.array(z.object({ name: z.string(), why: z.string() })),
  kong: z.object({
    reachable: z.boolean(),
    databaseReachable: z.boolean(),
    drift: z
      .number()
      .int()
      .nullable()
      .describe('Differences to the declared state; null where it cannot be told.'),
    upstreams: z.array(
      z.object({
        name: z.string(),
        targets: z.array(z.object({ target: z.string(), weight: z.number(), health: z.string() })),
      }),
    ),
  }),
  certificates: z.array(z.object({ name: z.string(), notAfter: z.string(), daysLeft: z.number().int() })),
  alerts: z.array(z.object({ name: z.string(), severity: z.string(), state: z.string() })),
  warnings: z.array(z.string()),
});
export type Status = z.output<typeof statusSchema>;
