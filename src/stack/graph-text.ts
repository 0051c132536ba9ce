import type { Graph } from './graph.ts';

/** The graph as people read it: every service below what it waits for, in waves that may start together. */
export function graphText(graph: Graph): string {
  const level = new Map<string, number>();
  for (const node of graph)
    level.set(node.name, 1 + Math.max(0, ...node.dependsOn.map((name) => level.get(name) ?? 0)));
  const waves = [...new Set(level.values())].sort((a, b) => a - b);
  return waves
    .map((wave) => {
      const nodes = graph.filter((node) => level.get(node.name) === wave);
      const lines = nodes.map(
        (node) => `  ${node.name}${node.isJob ? ' (job)' : ''}${behind(node.dependsOn)}`,
      );
      return [`wave ${wave}`, ...lines].join('\n');
    })
    .join('\n');
}

const behind = (names: readonly string[]): string => (names.length === 0 ? '' : ` <- ${names.join(', ')}`);

/** The same as a Mermaid flow chart, as Markdown viewers draw it. */
export function graphMermaid(graph: Graph): string {
  const nodes = graph.map(({ name, isJob }) => `  ${name}${isJob ? `([${name}])` : `[${name}]`}`);
  const edges = graph.flatMap(({ name, dependsOn }) =>
    dependsOn.map((dependency) => `  ${dependency} --> ${name}`),
  );
  return ['flowchart LR', ...nodes, ...edges].join('\n');
}
