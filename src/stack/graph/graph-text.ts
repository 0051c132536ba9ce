import type { Operation } from '../plan/plan.ts';
import type { Graph, GraphNode } from './graph.ts';

/** A node as it is drawn: with its wave, and what would be done to it where that is known. */
export interface DrawnNode extends GraphNode {
  /** 1 for what waits for nothing; each service stands one behind the last that it waits for. */
  readonly wave: number;
  readonly operation: Pick<Operation, 'action' | 'why' | 'interrupts'> | null;
}

/** The graph with its waves; `operations` are those of a plan for it, none where no engine was asked. */
export function drawnGraph(graph: Graph, operations: readonly Operation[]): DrawnNode[] {
  const waves = new Map<string, number>();
  for (const { name, dependsOn } of graph)
    waves.set(name, 1 + Math.max(0, ...dependsOn.map((other) => waves.get(other) ?? 0)));
  return graph.map((node) => {
    const found = operations.find(({ service }) => service === node.name);
    return {
      ...node,
      wave: waves.get(node.name) ?? 1,
      operation:
        found === undefined ? null : { action: found.action, why: found.why, interrupts: found.interrupts },
    };
  });
}

interface Row {
  readonly tree: string;
  readonly alsoAfter: readonly string[];
  readonly node: DrawnNode;
}

/**
 * The graph as a tree for people: each service once, below the last of those that it waits for; the others are named beside it.
 * What stands on one level may start together.
 */
export function graphText(nodes: readonly DrawnNode[]): string {
  const rows = subtree(nodes, null, '');
  const width = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));
  const treeWidth = width(rows.map(({ tree }) => tree));
  const actionWidth = width(nodes.map(({ operation }) => operation?.action ?? ''));
  const lines = rows.map(({ tree, alsoAfter, node: { operation } }) => {
    const also = alsoAfter.length === 0 ? '' : `also after ${alsoAfter.join(', ')}`;
    if (operation === null) return `${tree.padEnd(treeWidth)}  ${also}`.trimEnd();
    const why = `${operation.why}${operation.interrupts ? ', interrupts it' : ''}`;
    const words = [`${operation.action.padEnd(actionWidth)}  ${why}`, ...(also === '' ? [] : [also])];
    return `${tree.padEnd(treeWidth)}  ${words.join('; ')}`;
  });
  const waves = Math.max(0, ...nodes.map(({ wave }) => wave));
  return [...lines, `${nodes.length} services in ${waves} waves`].join('\n');
}

function subtree(nodes: readonly DrawnNode[], parent: string | null, indent: string): Row[] {
  const children = nodes.filter((node) => (lastOf(nodes, node)?.name ?? null) === parent);
  return children.flatMap((node, at) => {
    const isLast = at === children.length - 1;
    const branch = parent === null ? '' : isLast ? '└─ ' : '├─ ';
    const below = parent === null ? '' : isLast ? '   ' : '│  ';
    const row: Row = {
      tree: `${indent}${branch}${node.name}${node.isJob ? ' (job)' : ''}`,
      alsoAfter: node.dependsOn.filter((name) => name !== parent && !isAbove(nodes, parent, name)),
      node,
    };
    return [row, ...subtree(nodes, node.name, `${indent}${below}`)];
  });
}

/** Of what a service waits for, the one in the last wave: the tree hangs it there. */
function lastOf(nodes: readonly DrawnNode[], { dependsOn }: DrawnNode): DrawnNode | undefined {
  const found = nodes.filter(({ name }) => dependsOn.includes(name));
  return found.reduce<DrawnNode | undefined>(
    (last, node) => (last === undefined || node.wave > last.wave ? node : last),
    undefined,
  );
}

/** Whether a service stands on the way from the root of the tree to another: the tree shows it already. */
function isAbove(nodes: readonly DrawnNode[], service: string | null, name: string): boolean {
  const node = nodes.find((candidate) => candidate.name === service);
  const parent = node === undefined ? undefined : lastOf(nodes, node);
  return parent !== undefined && (parent.name === name || isAbove(nodes, parent.name, name));
}

/** The same as a Mermaid flow chart, as Markdown viewers draw it: jobs with round ends, what is left alone in grey. */
export function graphMermaid(nodes: readonly DrawnNode[]): string {
  const boxes = nodes.map(({ name, isJob, operation }) => {
    const text = operation === null ? name : `${name}<br/>${operation.action}: ${operation.why}`;
    const box = isJob ? `(["${text}"])` : `["${text}"]`;
    const style = operation === null ? '' : operation.interrupts ? ':::interrupts' : `:::${operation.action}`;
    return `  ${name}${box}${style}`;
  });
  const edges = nodes.flatMap(({ name, dependsOn }) =>
    dependsOn.map((dependency) => `  ${dependency} --> ${name}`),
  );
  const styles = nodes.some(({ operation }) => operation !== null)
    ? [
        '  classDef keep fill:#eee,stroke:#999,color:#555',
        '  classDef interrupts fill:#fdd,stroke:#c00,color:#000',
      ]
    : [];
  return ['flowchart LR', ...boxes, ...edges, ...styles].join('\n');
}
