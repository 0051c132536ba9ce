import { describe, expect, it } from 'vitest';
import type { VolumeFacts } from '../../../../src/core/ports/engine.ts';
import { findChangedVolumes } from '../../../../src/stack/plan/changed-volumes.ts';

const volume = (given: Partial<VolumeFacts> = {}): VolumeFacts => ({
  name: 'apictl_kong-logs-embedded',
  labels: {
    'com.docker.compose.project': 'apictl',
    'com.docker.compose.volume': 'kong-logs-embedded',
    'com.docker.compose.version': '2.26.1',
  },
  driver: 'local',
  options: {},
  ...given,
});

describe('a volume that is declared otherwise than it was made', () => {
  it('is none where no override declares anything', () => {
    expect(findChangedVolumes(null, [volume()])).toEqual([]);
    expect(findChangedVolumes('services: {kong: {mem_limit: 1g}}', [volume()])).toEqual([]);
    expect(findChangedVolumes('volumes: {kong-logs-embedded: }', [volume()])).toEqual([]);
    expect(findChangedVolumes('volumes: {kong-logs-embedded: {}}', [volume()])).toEqual([]);
  });

  it('is told with what differs', () => {
    const override = 'volumes: {kong-logs-embedded: {labels: {team: edge}, driver_opts: {type: none}}}';
    expect(findChangedVolumes(override, [volume()])).toEqual([
      {
        name: 'apictl_kong-logs-embedded',
        differences: [
          'driver_opts.type: "none" instead of nothing',
          'labels.team: "edge" instead of nothing',
        ],
      },
    ]);
  });

  it('reads labels as a list too', () => {
    const made = volume({ labels: { ...volume().labels, team: 'edge' } });
    expect(findChangedVolumes('volumes: {kong-logs-embedded: {labels: [team=edge]}}', [made])).toEqual([]);
    expect(findChangedVolumes('volumes: {kong-logs-embedded: {labels: [team=core]}}', [made])).toHaveLength(
      1,
    );
  });

  it('is no matter of ours where it is external or not there yet', () => {
    expect(findChangedVolumes('volumes: {kong-logs-embedded: {external: true}}', [volume()])).toEqual([]);
    expect(findChangedVolumes('volumes: {other: {driver: nfs}}', [volume()])).toEqual([]);
  });

  it('is left to Compose to refuse where the override cannot be read', () => {
    expect(findChangedVolumes('volumes: [', [volume()])).toEqual([]);
  });
});
