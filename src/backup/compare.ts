import type { TableFacts } from './model.ts';

/** What of the tables is not as it was, one line each; empty where nothing differs. Pure. */
export function tableDifferences(
  database: string,
  wanted: readonly TableFacts[],
  found: readonly TableFacts[],
): readonly string[] {
  const byName = new Map(found.map((facts) => [facts.table, facts]));
  const known = new Set(wanted.map(({ table }) => table));
  return [
    ...wanted.flatMap((facts) => differences(database, facts, byName.get(facts.table))),
    ...found
      .filter(({ table }) => !known.has(table))
      .map(({ table }) => `${database}: table ${table} is there, and was not in the backup`),
  ];
}

function differences(database: string, wanted: TableFacts, found: TableFacts | undefined): string[] {
  const { table } = wanted;
  if (found === undefined) return [`${database}: table ${table} is missing`];
  if (found.rows !== wanted.rows)
    return [`${database}: table ${table} has ${found.rows} rows instead of ${wanted.rows}`];
  return found.checksum === wanted.checksum
    ? []
    : [`${database}: table ${table} has as many rows as it had, and not the same ones`];
}

/** The lines that only one of two texts has, as `- old` and `+ new`; at most so many. Pure. */
export function lineDifferences(wanted: string, found: string, most: number): readonly string[] {
  const before = new Set(wanted.split('\n'));
  const after = new Set(found.split('\n'));
  return [
    ...[...before].filter((line) => !after.has(line)).map((line) => `- ${line}`),
    ...[...after].filter((line) => !before.has(line)).map((line) => `+ ${line}`),
  ].slice(0, most);
}
