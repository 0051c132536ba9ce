import * as z from 'zod';
import { FLAVOURS } from '../../config/choices.ts';
import type { Graph } from '../../stack/graph/graph.ts';
import type { RenderedStack } from '../../stack/render/render-stack.ts';
import type { Task } from '../../stack/schedule/run-graph.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

/** What each service is, and why. */
export const serviceTableSchema = z.array(
  z.object({ service: z.string(), kind: z.enum(['real', 'substitute', 'left out']), why: z.string() }),
);

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
      action: z.enum(['created', 'recreated', 'restarted', 'started', 'unchanged']),
    }),
  ),
  urls: z.record(z.string(), z.string()),
  table: serviceTableSchema,
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
  /** Make what is missing, and start nothing. */
  readonly createOnly?: boolean;
  readonly waitLockSeconds: number;
}

/** What another command that brings services up does otherwise than `up`. */
export interface UpVariant {
  /** What was typed, without the program's name. */
  readonly command: string;
  /** The services that it is about, with what they depend on; all where empty. */
  readonly services: (
    stack: RenderedStack,
    surgeStack: () => Promise<RenderedStack>,
  ) => Promise<readonly string[]>;
  /** Called under the lock when the plan stands, before anything is made. */
  readonly begin: () => Promise<void>;
  /** What is done besides, as nodes of the graph: the seeding. */
  readonly tasks: (world: World, project: Project, graph: Graph) => readonly Task[];
}
