import type { ChalkInstance } from 'chalk';
import type { SeedResult, ShownChange } from '../../app/seed/seed.ts';
import type { Verified } from '../../kong/verify/verify.ts';
import { harmless } from '../../logs/harmless.ts';

interface Node {
  readonly title: string;
  change?: ShownChange;
  readonly below: Map<string, Node>;
}

const SIGNS = { create: '+', update: '~', delete: '-' } as const;

/**
 * The differences as a tree, each below what it lies in, with their direction; then the counts. What is not different is shown only
 * where something below it is.
 */
export function seedText(result: SeedResult, paint: ChalkInstance): string {
  const { created, updated, deleted, unchanged, changes, kept, verified } = result;
  return [
    ...lines(treeOf(changes), '', paint),
    ...kept.map(({ kind, name }) => `= ${kind} ${harmless(name)}  only in Kong, kept`),
    `${created} created, ${updated} updated, ${deleted} deleted, ${unchanged} unchanged`,
    ...(verified === undefined ? [] : verifiedLines(verified, paint)),
  ].join('\n');
}

/** The same before anything is done. */
export const seedDiffText = (result: SeedResult, paint: ChalkInstance): string =>
  result.changes.length === 0
    ? `Kong is as declared: ${result.unchanged} entities`
    : seedText(result, paint).replace(
        /(\d+) created, (\d+) updated, (\d+) deleted/,
        '$1 to create, $2 to update, $3 to delete',
      );

function treeOf(changes: readonly ShownChange[]): Node {
  const root: Node = { title: '', below: new Map() };
  const child = (parent: Node, title: string): Node => {
    const known = parent.below.get(title) ?? { title, below: new Map() };
    parent.below.set(title, known);
    return known;
  };
  for (const change of changes) {
    const parent = change.within.reduce(
      (node, { kind, name }) => child(node, titleOf(kind, name, node)),
      root,
    );
    child(parent, titleOf(change.kind, change.name, parent)).change = change;
  }
  return root;
}

/** `rate-limiting on route api` below `route api` is `plugin rate-limiting`. */
function titleOf(kind: string, name: string, parent: Node): string {
  const parentName = parent.title.slice(parent.title.indexOf(' ') + 1);
  const endings = [` on ${parent.title}`, ` of ${parentName}`];
  const ending = parent.title === '' ? undefined : endings.find((text) => name.endsWith(text));
  return `${kind} ${ending === undefined ? name : name.slice(0, -ending.length)}`;
}

function lines(node: Node, indent: string, paint: ChalkInstance): string[] {
  return [...node.below.values()].flatMap((child) => [
    `${indent}${headLine(child, paint)}`,
    ...(child.change === undefined ? [] : fieldLines(child.change, `${indent}    `)),
    ...lines(child, `${indent}  `, paint),
  ]);
}

function headLine({ title, change }: Node, paint: ChalkInstance): string {
  // Names of what Kong has are whatever somebody wrote there.
  const name = harmless(title);
  if (change === undefined) return `  ${name}`;
  const head = `${SIGNS[change.action]} ${name}`;
  switch (change.direction) {
    case 'only-in-file':
      return `${paint.green(head)}  only in the file${change.declaredAt === undefined ? '' : `, ${change.declaredAt}`}`;
    case 'only-in-kong':
      return `${paint.red(head)}  only in Kong`;
    default:
      return `${paint.yellow(head)}  differs${change.declaredAt === undefined ? '' : `, ${change.declaredAt}`}`;
  }
}

function fieldLines({ direction, fields }: ShownChange, indent: string): string[] {
  if (direction === 'only-in-kong') return [];
  return Object.entries(fields).map(([path, { from, to }]) =>
    direction === 'only-in-file'
      ? `${indent}${path}: ${JSON.stringify(to)}`
      : `${indent}${path}: Kong ${JSON.stringify(from)} -> file ${JSON.stringify(to)}`,
  );
}

function verifiedLines({ requests, failures, routes }: Verified, paint: ChalkInstance): string[] {
  const verdict = (ok: boolean | null): string =>
    ok === null ? paint.yellow('not told') : ok ? paint.green('ok      ') : paint.red('failed  ');
  return [
    `verified with ${requests} requests, ${failures} failures`,
    ...routes.map(
      ({ route, door, ok, found }) => `  ${verdict(ok)} ${(door ?? '').padEnd(5)} ${route}: ${found}`,
    ),
  ];
}
