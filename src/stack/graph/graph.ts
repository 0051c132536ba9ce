import { ApictlError, EXIT } from '../../core/errors.ts';
import { nearestWord } from '../../core/nearest-word.ts';
import { type ComposeService, dependenciesOf } from '../render/compose-tree.ts';

/** A service of the rendered file as far as order is concerned. */
export interface GraphNode {
  readonly name: string;
  /** Names of the services it waits for. */
  readonly dependsOn: readonly string[];
  /** Runs once and ends: it is done at exit code 0. */
  readonly isJob: boolean;
}

/** The services in an order in which each stands behind everything that it depends on. */
export type Graph = readonly GraphNode[];

/**
 * Reads the graph from `depends_on` of the rendered file: the only place where the order is written.
 * @throws ApictlError GRAPH_INVALID (64) for a missing service or a cycle, with its path.
 */
export function readGraph(services: Readonly<Record<string, ComposeService>>): Graph {
  const nodes = new Map(Object.entries(services).map(([name, service]) => [name, nodeOf(name, service)]));
  const ordered: GraphNode[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    if (ordered.some((node) => node.name === name)) return;
    if (path.includes(name))
      throw invalid(`${[...path.slice(path.indexOf(name)), name].join(' -> ')} is a cycle`);
    const node = nodes.get(name);
    if (node === undefined) throw invalid(`${path.at(-1)} depends on ${name}, which is not in the file`);
    for (const dependency of node.dependsOn) visit(dependency, [...path, name]);
    refuseUnaskable(name, services);
    ordered.push(node);
  };
  for (const name of [...nodes.keys()].sort()) visit(name, []);
  return ordered;
}

/** Waiting for the health of what has no health check would only end with the deadline. */
function refuseUnaskable(name: string, services: Readonly<Record<string, ComposeService>>): void {
  const conditions = Object.entries(dependenciesOf(services[name] ?? { image: '', labels: {} }));
  for (const [dependency, condition] of conditions) {
    if (condition === 'service_healthy' && services[dependency]?.healthcheck === undefined)
      throw invalid(`${name} waits for the health of ${dependency}, which has no health check`);
  }
}

/** The named services and all that they depend on. @throws ApictlError SERVICE_UNKNOWN (64). */
export function withDependencies(graph: Graph, names: readonly string[]): Graph {
  const wanted = new Set<string>();
  const visit = (name: string): void => {
    if (wanted.has(name)) return;
    const node = graph.find((candidate) => candidate.name === name);
    if (node === undefined) throw unknownService(name, graph);
    wanted.add(name);
    for (const dependency of node.dependsOn) visit(dependency);
  };
  for (const name of names) visit(name);
  return graph.filter((node) => wanted.has(node.name));
}

/** How many services wait for this one, directly or not: what many wait for comes first. */
export function dependantsOf(graph: Graph, name: string): string[] {
  const direct = graph.filter((node) => node.dependsOn.includes(name));
  return [...new Set(direct.flatMap((node) => [node.name, ...dependantsOf(graph, node.name)]))];
}

const nodeOf = (name: string, service: ComposeService): GraphNode => ({
  name,
  dependsOn: Object.keys(dependenciesOf(service)),
  isJob: service.restart === 'no',
});

const invalid = (message: string) =>
  new ApictlError({
    code: 'GRAPH_INVALID',
    exitCode: EXIT.usage,
    message: `the services cannot be ordered: ${message}`,
  });

function unknownService(name: string, graph: Graph): ApictlError {
  const names = graph.map((node) => node.name);
  const nearest = nearestWord(name, names);
  return new ApictlError({
    code: 'SERVICE_UNKNOWN',
    exitCode: EXIT.usage,
    message: `this stack has no service "${name}"`,
    object: `service ${name}`,
    hint: `${nearest === undefined ? '' : `Did you mean ${nearest}? `}Its services: ${names.join(', ')}.`,
  });
}
