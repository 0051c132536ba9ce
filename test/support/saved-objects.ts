import { readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod';

const FOLDER = new URL('../../elk/kibana/saved-objects/', import.meta.url);

const reference = z.strictObject({ name: z.string(), type: z.string(), id: z.string() });
const head = {
  id: z.string().regex(/^apictl-[a-z-]+$/),
  coreMigrationVersion: z.string(),
  typeMigrationVersion: z.string().regex(/^8\.\d+\.\d+$/),
  managed: z.literal(false),
  references: z.array(reference),
};
const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(schema);
const query = z.strictObject({ query: z.string(), language: z.literal('kuery') });
const searchSource = z.strictObject({
  searchSourceJSON: json(z.strictObject({ query, filter: z.tuple([]), indexRefName: z.string().optional() })),
});
const text = z.string().min(1);

/** What a column of a chart computes: the operations that are used, with the fields that each needs. */
const column = z.looseObject({
  label: text,
  dataType: z.enum(['number', 'string', 'date']),
  isBucketed: z.boolean(),
  operationType: z.enum(['count', 'date_histogram', 'percentile', 'terms', 'filters']),
  sourceField: z.string().optional(),
  filter: query.optional(),
  params: z.looseObject({
    filters: z.array(z.strictObject({ label: text, input: query })).optional(),
    orderBy: z.looseObject({ columnId: z.string() }).optional(),
  }),
});

/** A stored object of Kibana 8 as this project writes them: an unknown type or a missing attribute is refused. */
export const savedObjectSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...head,
    type: z.literal('index-pattern'),
    attributes: z.looseObject({ name: text, title: text, timeFieldName: z.literal('@timestamp') }),
  }),
  z.strictObject({
    ...head,
    type: z.literal('search'),
    attributes: z.looseObject({
      title: text,
      description: text,
      columns: z.array(text).nonempty(),
      sort: z.tuple([z.tuple([text, z.enum(['asc', 'desc'])])]),
      kibanaSavedObjectMeta: searchSource,
    }),
  }),
  z.strictObject({
    ...head,
    type: z.literal('lens'),
    attributes: z.looseObject({
      title: text,
      description: text,
      visualizationType: z.enum(['lnsXY', 'lnsDatatable']),
      state: z.strictObject({
        datasourceStates: z.strictObject({
          formBased: z.strictObject({
            layers: z.record(
              z.string(),
              z.looseObject({ columnOrder: z.array(text), columns: z.record(z.string(), column) }),
            ),
          }),
        }),
        visualization: z.looseObject({}),
        query,
        filters: z.tuple([]),
      }),
    }),
  }),
  z.strictObject({
    ...head,
    type: z.literal('dashboard'),
    attributes: z.looseObject({
      title: text,
      description: text,
      timeRestore: z.literal(true),
      kibanaSavedObjectMeta: searchSource,
      panelsJSON: json(
        z.array(
          z.looseObject({
            type: z.enum(['lens', 'search']),
            panelIndex: text,
            panelRefName: text,
            gridData: z.strictObject({
              x: z.int().min(0),
              y: z.int().min(0),
              w: z.int().min(1),
              h: z.int().min(1),
              i: text,
            }),
          }),
        ),
      ),
    }),
  }),
]);
export type SavedObject = z.output<typeof savedObjectSchema>;

/** The lines of every committed file, in the order in which they are imported. */
export const savedObjectLines: readonly string[] = readdirSync(FOLDER)
  .sort()
  .flatMap((name) => readFileSync(new URL(name, FOLDER), 'utf8').split('\n').slice(0, -1));
