import type { AdminClient } from '../admin/client.ts';
import type { Problem } from '../format/read.ts';
import { KINDS, type Kind } from '../model/kinds.ts';
import type { Wanted } from './match.ts';

interface Reference {
  readonly from: Wanted;
  readonly kind: Kind;
  readonly id: string;
}

/**
 * What refers by its id to something that is neither declared nor ours, and that Kong does not have. Kong's validation looks at one
 * entity alone; it would find out at the write.
 */
export async function missingReferences(
  client: AdminClient,
  wanted: readonly Wanted[],
  known: ReadonlySet<string>,
): Promise<readonly Problem[]> {
  const references = wanted.flatMap((from) => outside(from, known));
  const paths = [...new Set(references.map(pathTo))];
  const answers = await client.all(paths, (path) => client.send('GET', path));
  const missing = new Set(paths.filter((_path, index) => answers[index]?.status === 404));
  return references
    .filter((reference) => missing.has(pathTo(reference)))
    .map(({ from: { declared }, kind, id }) => ({
      place: declared.place,
      message: `${declared.kind} ${declared.name}: refers to ${kind} ${id}, which Kong does not have`,
    }));
}

const outside = (from: Wanted, known: ReadonlySet<string>): readonly Reference[] =>
  Object.entries(from.declared.references).flatMap(([field, to]) => {
    const kind = KINDS[from.declared.kind].references[field];
    return kind !== undefined && 'id' in to && !known.has(to.id) ? [{ from, kind, id: to.id }] : [];
  });

const pathTo = ({ kind, id }: Reference): string => `${KINDS[kind].collection}/${encodeURIComponent(id)}`;
