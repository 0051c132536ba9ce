import { expect, it } from 'vitest';
import type { Graph } from '../../../../src/stack/graph/graph.ts';
import { drawnGraph, graphMermaid, graphText } from '../../../../src/stack/graph/graph-text.ts';
import { operation } from '../../../fakes/operations.ts';

const node = (name: string, dependsOn: readonly string[] = [], isJob = false) => ({ name, dependsOn, isJob });

const graph: Graph = [
  node('alertmanager'),
  node('log-volumes', [], true),
  node('backend-1', ['log-volumes']),
  node('postgres'),
  node('kong-migrations', ['postgres'], true),
  node('kong', ['postgres', 'kong-migrations', 'log-volumes']),
  node('logging', ['log-volumes']),
];

const plan = graph.map(({ name }) =>
  name === 'kong'
    ? operation(name, { action: 'recreate', why: 'its image changed', interrupts: true })
    : name === 'kong-migrations'
      ? operation(name, { action: 'create', why: 'not there' })
      : operation(name),
);

it('draws each service once, below the last that it waits for, and names only what the tree does not show', () => {
  expect(graphText(drawnGraph(graph, [])).split('\n')).toEqual([
    'alertmanager',
    'log-volumes (job)',
    '├─ backend-1',
    '└─ logging',
    'postgres',
    '└─ kong-migrations (job)',
    '   └─ kong                also after log-volumes',
    '7 services in 3 waves',
  ]);
});

it('says beside each service what would be done to it and why', () => {
  expect(graphText(drawnGraph(graph, plan)).split('\n').slice(4)).toEqual([
    'postgres                  keep      unchanged and running',
    '└─ kong-migrations (job)  create    not there',
    '   └─ kong                recreate  its image changed, interrupts it; also after log-volumes',
    '7 services in 3 waves',
  ]);
});

it('counts the waves by the longest way', () => {
  const waves = Object.fromEntries(drawnGraph(graph, []).map(({ name, wave }) => [name, wave]));
  expect(waves).toMatchObject({
    postgres: 1,
    'kong-migrations': 2,
    kong: 3,
    'backend-1': 2,
    alertmanager: 1,
  });
});

it('draws a diamond without drawing its end twice', () => {
  const diamond = [node('a'), node('b', ['a']), node('c', ['a']), node('d', ['b', 'c'])];
  expect(graphText(drawnGraph(diamond, [])).split('\n')).toEqual([
    'a',
    '├─ b',
    '│  └─ d  also after c',
    '└─ c',
    '4 services in 3 waves',
  ]);
});

it('writes a Mermaid chart with every edge, jobs with round ends, and what would be done', () => {
  const lines = graphMermaid(drawnGraph(graph, plan)).split('\n');
  expect(lines[0]).toBe('flowchart LR');
  expect(lines).toContain('  kong-migrations(["kong-migrations<br/>create: not there"]):::create');
  expect(lines).toContain('  kong["kong<br/>recreate: its image changed"]:::interrupts');
  expect(lines.filter((line) => line.includes('-->'))).toEqual([
    '  log-volumes --> backend-1',
    '  postgres --> kong-migrations',
    '  postgres --> kong',
    '  kong-migrations --> kong',
    '  log-volumes --> kong',
    '  log-volumes --> logging',
  ]);
  expect(graphMermaid(drawnGraph(graph, []))).toContain('  kong["kong"]\n');
});
