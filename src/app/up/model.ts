import * as z from 'zod';
import { FLAVOURS } from '../../config/choices.ts';

/** What `up --json` prints. */
export const upResultSchema = z.object({
  state: z.enum(['healthy', 'degraded']),
  images: z.enum(FLAVOURS),
  seconds: z.number().describe('Wall time of the whole run.'),
  criticalPath: z.array(z.string()).describe('The chain of services that the run waited for.'),
  services: z.array(
    z.object({
      name: z.string(),
      createdSeconds: z
        .number()
        .nullable()
        .describe('Seconds from the start of the run; null where it was there.'),
      startedSeconds: z
        .number()
        .nullable()
        .describe('Seconds from the start of the run; null where it ran already.'),
      readySeconds: z.number().describe('Seconds from the start of the run; 0 where it was ready before.'),
      waitedFor: z.string().nullable(),
      action: z.enum(['created', 'recreated', 'started', 'unchanged']),
    }),
  ),
  urls: z.record(z.string(), z.string()),
  table: z.array(
    z.object({ service: z.string(), kind: z.enum(['real', 'substitute', 'left out']), why: z.string() }),
  ),
});

export type UpResult = z.output<typeof upResultSchema>;

export interface UpOptions {
  /** Only these services and what they depend on; all where empty. */
  readonly services: readonly string[];
  readonly seed: boolean;
  /**
   * What is done about ports that somebody else holds: `remembered` refuses them, `free` takes the next free ones and remembers
   * them, `configured` forgets what was remembered.
   */
  readonly ports: 'remembered' | 'free' | 'configured';
  readonly build: boolean;
  readonly pull: boolean;
  readonly timeoutSeconds: number;
  readonly dryRun: boolean;
  readonly waitLockSeconds: number;
}
