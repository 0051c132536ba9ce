import type { HttpResponse } from '../../src/core/ports/http.ts';

type Entity = Record<string, unknown> & { id: string };

interface Around {
  readonly find: (collection: string, key: string) => Entity | undefined;
  readonly answer: (status: number, body?: unknown) => HttpResponse;
  readonly list: (entities: readonly Entity[], query: URLSearchParams) => HttpResponse;
}

/** Who is in which consumer group, as Kong Enterprise 3.5 and later answers it. */
export function fakeMemberships({ find, answer, list }: Around) {
  const members = new Set<string>();
  const pair = (group: Entity, consumer: Entity) => `${group.id} ${consumer.id}`;

  return {
    /** `<group id> <consumer id>` */
    all: (): readonly string[] => [...members].sort(),
    /** With either end its memberships go. */
    forget: (id: string): void => {
      for (const member of members) if (member.split(' ').includes(id)) members.delete(member);
    },
    /** Undefined where the path is another's. */
    respond: (
      method: string,
      parts: readonly string[],
      body: Record<string, unknown>,
      query: URLSearchParams,
    ): HttpResponse | undefined => {
      const [first, second = '', third, fourth] = parts;
      if (first !== 'consumer_groups' || second === '') return undefined;
      const group = find('consumer_groups', second);
      if (third === undefined) {
        if (method !== 'GET' || group === undefined) return undefined;
        return answer(200, { consumer_group: group, consumers: [], plugins: [] });
      }
      if (group === undefined) return answer(404, { message: `Group '${second}' not found` });
      const consumer = find('consumers', String(fourth ?? body.consumer ?? ''));
      if (fourth === undefined && method === 'GET') {
        const found = [...members].filter((member) => member.startsWith(group.id));
        return list(
          found.flatMap((member) => find('consumers', member.split(' ')[1] ?? '') ?? []),
          query,
        );
      }
      if (consumer === undefined) return answer(404, { message: 'Consumer not found' });
      const isIn = members.has(pair(group, consumer));
      if (method === 'POST') {
        if (isIn) return answer(409, { message: `Consumer already in group '${group.id}'` });
        members.add(pair(group, consumer));
        return answer(201, { consumer_group: group, consumers: [consumer] });
      }
      if (!isIn) return answer(404, { message: `Consumer not found in Group '${group.id}'` });
      if (method === 'DELETE') members.delete(pair(group, consumer));
      return method === 'DELETE' ? answer(204) : answer(200, { consumer });
    },
  };
}
