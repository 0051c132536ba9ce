import * as z from 'zod';
import { FLAVOURS } from '../../config/choices.ts';
import { serviceTableSchema } from '../up/model.ts';

const action = z.enum(['created', 'updated', 'unchanged', 'removed']);

/** What `deploy --json` prints. */
export const deployResultSchema = z.object({
  state: z.literal('healthy'),
  images: z.enum(FLAVOURS),
  seconds: z.number().describe('Wall time of the whole run.'),
  services: z.array(
    z.object({
      name: z.string(),
      action,
      readySeconds: z
        .number()
        .nullable()
        .describe(
          'Seconds from the start of the run; 0 where it was ready before, null for what was removed.',
        ),
      why: z.string(),
    }),
  ),
  removedObjects: z.array(z.string()).describe('Secrets and configs that nothing used any more.'),
  urls: z.record(z.string(), z.string()),
  table: serviceTableSchema,
});
export type DeployResult = z.output<typeof deployResultSchema>;

/** What `deploy --dry-run --json` prints. */
export const deployPlanSchema = z.array(
  z.object({ service: z.string(), action: z.enum(['create', 'update', 'keep', 'remove']), why: z.string() }),
);

/** What `deploy rm --json` prints. */
export const removeResultSchema = z.object({
  removed: z.array(z.string()).describe('Services.'),
  volumes: z.array(z.string()).describe('They stay, on the node with the data.'),
});
export type RemoveResult = z.output<typeof removeResultSchema>;

export interface DeployOptions {
  readonly seed: boolean;
  readonly build: boolean;
  readonly pull: boolean;
  readonly timeoutSeconds: number;
  readonly dryRun: boolean;
  readonly waitLockSeconds: number;
}
