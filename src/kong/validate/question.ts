import { comparable, type Fields, isFields, revealed, type Value } from '../model/value.ts';
import type { Wanted } from '../plan/match.ts';

/**
 * What an entity is to Kong's validation. Two entities with the same text are asked about once: they differ only in which other
 * entities they refer to, and in plain names. A text is plain where it is of a form that every rule for its field takes; anything
 * else stands for itself, so that it is asked about.
 */
export function questionOf({ declared, body }: Pick<Wanted, 'declared' | 'body'>): string {
  const forms = PLAIN[declared.kind] ?? {};
  const same = Object.entries(body).map(([field, value]): readonly [string, Value] => {
    if (field in declared.references) return [field, isFields(value) ? 'reference' : value];
    const form = forms[field] ?? (field === 'tags' ? TAG : undefined);
    return [field, form === undefined ? value : withoutPlain(value, form)];
  });
  return `${declared.kind} ${comparable(Object.fromEntries(same) as Fields)}`;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const TAG = /^[A-Za-z0-9][A-Za-z0-9:_-]{0,63}$/;
const PATH = /^(\/[A-Za-z0-9_-]{1,64}){1,8}$/;
const HOST = /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?(\.[a-z]([a-z0-9-]{0,30}[a-z0-9])?){0,4}$/;

/** The fields whose texts are names that people choose, by the form in which no rule can object to them. */
const PLAIN: Readonly<Partial<Record<Wanted['declared']['kind'], Readonly<Record<string, RegExp>>>>> = {
  service: { name: NAME, host: HOST, path: PATH },
  route: { name: NAME, paths: PATH, hosts: HOST },
  consumer: { username: NAME, custom_id: NAME },
  'key-auth': { key: NAME },
  acl: { group: NAME },
  plugin: { instance_name: NAME },
};

/** A list of plain texts is one plain text, however long it is. */
function withoutPlain(value: Value, form: RegExp): Value {
  if (!Array.isArray(value)) return isPlain(value, form) ? 'plain' : value;
  const others = value.filter((item: Value) => !isPlain(item, form));
  return others.length < value.length ? ['plain', ...others] : others;
}

function isPlain(value: Value, form: RegExp): boolean {
  const text = revealed(value);
  return typeof text === 'string' && form.test(text);
}
