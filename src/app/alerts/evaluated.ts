import * as z from 'zod';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { trustingHttp } from '../certs/trust.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { prometheusUrl } from './doors.ts';

/** The part of Prometheus' `/api/v1/alerts` that we read. */
const answerSchema = z.object({
  data: z.object({
    alerts: z.array(
      z.object({
        state: z.enum(['pending', 'firing']),
        /** RFC 3339. */
        activeAt: z.string(),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()),
      }),
    ),
  }),
});
export type EvaluatedAlert = z.output<typeof answerSchema>['data']['alerts'][number];

const TIMEOUT_MS = 3_000;

/**
 * The alerts whose condition holds, as Prometheus sees them.
 * @throws ApictlError PROMETHEUS_UNAVAILABLE (4)
 */
export async function evaluatedAlerts(
  world: Pick<World, 'http' | 'files'>,
  project: Project,
): Promise<EvaluatedAlert[]> {
  const base = prometheusUrl(project);
  const url = `${base}/api/v1/alerts`;
  try {
    const { body } = await trustingHttp(world, project).request({
      method: 'GET',
      url,
      timeoutMs: TIMEOUT_MS,
    });
    return answerSchema.parse(JSON.parse(body)).data.alerts;
  } catch (thrown) {
    throw new ApictlError({
      code: 'PROMETHEUS_UNAVAILABLE',
      exitCode: EXIT.unhealthy,
      message: `Prometheus does not answer at ${base}`,
      object: 'prometheus',
      hint: 'Look at "apictl status"; it is part of the profile monitoring.',
      cause: thrown,
    });
  }
}
