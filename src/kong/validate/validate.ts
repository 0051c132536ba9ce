import type { AdminClient } from '../admin/client.ts';
import { refused } from '../admin/client.ts';
import type { Problem } from '../format/read.ts';
import { KINDS } from '../model/kinds.ts';
import { withoutSecrets } from '../model/secret-texts.ts';
import { revealed } from '../model/value.ts';
import type { Wanted } from '../plan/match.ts';
import { questionOf } from './question.ts';

/** What Kong says when a plugin is not among its `plugins`. */
const NOT_ENABLED = /plugin '[^']*' not enabled/;

export interface EntityProblem extends Problem {
  readonly pluginNotEnabled?: boolean;
}

/**
 * Asks Kong about every one of these entities without writing anything. Entities that differ only in what no rule looks at
 * (a plugin on forty routes, a route with another plain name) are asked about once.
 */
export async function validateEntities(
  client: AdminClient,
  entities: readonly Wanted[],
): Promise<readonly EntityProblem[]> {
  const asked = new Map<string, Wanted[]>();
  for (const wanted of entities) {
    // A mere link has nothing that could be wrong but its ends, and Kong no schema for it.
    if (KINDS[wanted.declared.kind].linksTo !== undefined) continue;
    const key = questionOf(wanted);
    asked.set(key, [...(asked.get(key) ?? []), wanted]);
  }
  const groups = [...asked.values()];
  const answers = await client.all(groups, async (group) => {
    const [first] = group;
    return first === undefined ? undefined : verdict(client, first);
  });
  return groups.flatMap((group, index) => {
    const message = answers[index];
    if (message === undefined) return [];
    return group.map(({ declared, body }) => ({
      place: declared.place,
      message: `${declared.kind} ${declared.name}: ${withoutSecrets(message, [body])}`,
      pluginNotEnabled: NOT_ENABLED.test(message),
    }));
  });
}

async function verdict(client: AdminClient, { declared, body }: Wanted): Promise<string | undefined> {
  const path = `/schemas/${KINDS[declared.kind].entity}/validate`;
  const answer = await client.send('POST', path, revealed(body));
  if (answer.status === 200) return undefined;
  const { message } = (answer.body ?? {}) as { message?: unknown };
  if (answer.status === 400 && typeof message === 'string') {
    return message
      .replace(/^(\d+ )?schema violations? /, '')
      .replace(/^\((?<inside>[\s\S]*)\)$/, '$<inside>');
  }
  if (answer.status === 404) return `this Kong has no ${KINDS[declared.kind].entity.replace('_', ' ')}`;
  throw refused('POST', path, answer);
}
