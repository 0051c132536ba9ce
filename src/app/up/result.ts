import type { Flavour } from '../../config/choices.ts';
import type { Graph } from '../../stack/graph/graph.ts';
import type { StackPlan } from '../../stack/plan/plan.ts';
import type { RenderedStack } from '../../stack/render/render-stack.ts';
import type { Project } from '../project/project.ts';
import { stackUrls } from '../project/urls.ts';
import type { UpResult } from './model.ts';
import { criticalPath, type ReadyTimes, type Timeline, waitedFor } from './timings.ts';

const ACTIONS = {
  create: 'created',
  recreate: 'recreated',
  restart: 'restarted',
  start: 'started',
  run: 'started',
  wait: 'unchanged',
  keep: 'unchanged',
} as const;

/** What a run that came to its good end was. */
export interface FinishedRun {
  readonly stack: RenderedStack;
  readonly flavour: Flavour;
  readonly graph: Graph;
  readonly plan: StackPlan;
  readonly ready: ReadyTimes;
  readonly timeline: Timeline;
  readonly seconds: number;
}

/** What `up` answers of it. Pure. */
export function upResult(
  project: Project,
  { stack, flavour, graph, plan, ready, timeline, seconds }: FinishedRun,
): UpResult {
  return {
    state: 'healthy',
    images: flavour,
    seconds,
    criticalPath: criticalPath(graph, ready),
    services: plan.operations.map(({ service, action }) => ({
      name: service,
      createdSeconds: inSeconds(timeline.of(service).createdMs),
      startedSeconds: inSeconds(timeline.of(service).startedMs),
      readySeconds: inSeconds(ready.get(service) ?? 0),
      waitedFor: waitedFor(graph, service, ready),
      action: ACTIONS[action],
    })),
    urls: stackUrls(
      project.config,
      graph.map(({ name }) => name),
    ),
    table: stack.services.map((row) => ({ ...row })),
  };
}

/** Milliseconds as seconds to the hundredth. */
function inSeconds<Ms extends number | null>(ms: Ms): Ms | number {
  return ms === null ? ms : Math.round(ms / 10) / 100;
}
