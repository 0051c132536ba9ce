import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { Graph } from './graph.ts';

/** Compose writes what a service depends on into this label: `postgres:service_healthy:false,kong:...`. */
const DEPENDS_ON_LABEL = 'com.docker.compose.depends_on';

/**
 * The graph of what is there, from the containers' own labels: stopping needs no rendered file, so it works with one that is
 * lost, damaged or of another version. Not ordered.
 */
export const liveGraph = (containers: readonly ContainerSummary[]): Graph =>
  containers.map((container) => ({
    name: container.service,
    dependsOn: (container.labels[DEPENDS_ON_LABEL] ?? '')
      .split(',')
      .map((entry) => entry.split(':')[0] ?? '')
      .filter((service) => service !== ''),
    isJob: false,
  }));
