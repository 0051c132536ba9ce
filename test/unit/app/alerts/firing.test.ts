import { describe, expect, it } from 'vitest';
import { firingAlerts } from '../../../../src/app/alerts/firing.ts';
import type { Project } from '../../../../src/app/project/project.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { summary } from '../../../fakes/containers.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

const project = {
  root: '/shop',
  config: configSchema.parse({}),
} as unknown as Project;
const prometheus = [summary({ service: 'prometheus', state: 'running' })];

const alert = (name: string, severity: string, state: string) => ({
  state,
  activeAt: '2026-11-26T12:00:00Z',
  labels: { alertname: name, severity },
  annotations: {},
});
const answering = (...alerts: ReturnType<typeof alert>[]) => ({
  files: memoryFiles(),
  http: {
    request: async () => ({
      status: 200,
      headers: {},
      body: JSON.stringify({ data: { alerts } }),
      durationMs: 1,
    }),
  },
});

describe('the alerts of a stack', () => {
  it('are those that Prometheus holds for pending or firing; firing ones are a warning', async () => {
    const world = answering(
      alert('HighErrorRate', 'critical', 'firing'),
      alert('TargetDown', 'warning', 'pending'),
    );
    expect(await firingAlerts(world, project, prometheus)).toEqual({
      list: [
        { name: 'HighErrorRate', severity: 'critical', state: 'firing' },
        { name: 'TargetDown', severity: 'warning', state: 'pending' },
      ],
      warnings: ['alerts are firing: HighErrorRate'],
    });
  });

  it('do not include the watchdog, which fires when all is well', async () => {
    const world = answering(alert('Watchdog', 'none', 'firing'));
    expect(await firingAlerts(world, project, prometheus)).toEqual({ list: [], warnings: [] });
  });

  it('are unknown, which is a warning, where Prometheus runs and does not answer', async () => {
    const world = { files: memoryFiles(), http: { request: () => Promise.reject(new Error('refused')) } };
    const { list, warnings } = await firingAlerts(world, project, prometheus);
    expect(list).toEqual([]);
    expect(warnings).toEqual([
      'Prometheus does not answer at http://127.0.0.1:9090, so its alerts are unknown',
    ]);
  });
});
