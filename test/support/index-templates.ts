import { readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod';

const FOLDER = new URL('../../elk/elasticsearch/templates/', import.meta.url);

interface Mapping {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Mapping>>;
}

const template = z.object({ index_patterns: z.array(z.string()), composed_of: z.array(z.string()) });
const component = z.object({
  template: z.object({
    mappings: z.object({ properties: z.record(z.string(), z.custom<Mapping>()) }).optional(),
  }),
});

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));

/** Index pattern -> its fields with their types, from the committed templates and the components that are this project's. */
export const fieldsOfPattern: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  readdirSync(FOLDER)
    .map((file) => template.safeParse(read(file.replace('.json', ''))))
    .flatMap(({ data }) => (data === undefined ? [] : [data]))
    .flatMap(({ index_patterns, composed_of }) => {
      const own = composed_of.flatMap((name) => {
        const file = /^apictl-(.*)$/.exec(name)?.[1];
        return file === undefined ? [] : [file.replace(/^logs-settings$/, 'settings')];
      });
      const fields = new Map(own.flatMap((name) => fieldsOf(component.parse(read(name)))));
      return index_patterns.map((pattern) => [pattern, fields] as const);
    }),
);

function fieldsOf({ template: { mappings } }: z.output<typeof component>): (readonly [string, string])[] {
  const flat = (
    prefix: string,
    properties: Readonly<Record<string, Mapping>>,
  ): (readonly [string, string])[] =>
    Object.entries(properties).flatMap(([name, { type, properties: inner }]) =>
      inner === undefined
        ? [[`${prefix}${name}`, type ?? 'object'] as const]
        : flat(`${prefix}${name}.`, inner),
    );
  return flat('', mappings?.properties ?? {});
}
