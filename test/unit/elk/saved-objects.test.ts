import { describe, expect, it } from 'vitest';
import { fieldsOfPattern } from '../../support/index-templates.ts';
import { type SavedObject, savedObjectLines, savedObjectSchema } from '../../support/saved-objects.ts';

const objects = savedObjectLines.map((line) => savedObjectSchema.parse(JSON.parse(line)));
const keyOf = ({ type, id }: { readonly type: string; readonly id: string }): string => `${type} ${id}`;
const byKey = new Map(objects.map((object) => [keyOf(object), object]));

/** `name : x`, `name >= 3`: the fields of a query in Kibana's language. */
const fieldsOfQuery = (query: string): string[] =>
  [...query.matchAll(/([@\w.]+)\s*(?::|[<>]=?)/g)].map(([, field]) => field ?? '');

/** The fields that an object asks of its data view. */
function fieldsAsked(object: SavedObject): string[] {
  if (object.type === 'search') {
    const { columns, sort, kibanaSavedObjectMeta } = object.attributes;
    return [
      ...columns,
      ...sort.map(([field]) => field),
      ...fieldsOfQuery(kibanaSavedObjectMeta.searchSourceJSON.query.query),
    ];
  }
  if (object.type !== 'lens') return [];
  const { datasourceStates, query } = object.attributes.state;
  const columns = Object.values(datasourceStates.formBased.layers).flatMap((layer) =>
    Object.values(layer.columns),
  );
  return [
    ...fieldsOfQuery(query.query),
    ...columns.flatMap(({ sourceField, filter, params }) => [
      ...(sourceField === undefined || sourceField === '___records___' ? [] : [sourceField]),
      ...fieldsOfQuery(filter?.query ?? ''),
      ...(params.filters ?? []).flatMap(({ input }) => fieldsOfQuery(input.query)),
    ]),
  ];
}

/** A data view has the fields of everything it covers; one field of several types could not be searched in all of them. */
function fieldsOfView(id: string): ReadonlyMap<string, string> {
  const view = byKey.get(`index-pattern ${id}`);
  if (view?.type !== 'index-pattern') throw new Error(`there is no data view ${id}`);
  return new Map(
    view.attributes.title.split(',').flatMap((pattern) => {
      const fields = fieldsOfPattern.get(pattern);
      if (fields === undefined) throw new Error(`no template makes indices for ${pattern}`);
      return [...fields];
    }),
  );
}

describe('the stored objects of Kibana', () => {
  it('are data views, searches, charts and one dashboard, each id once', () => {
    expect(byKey.size).toBe(objects.length);
    expect([...new Set(objects.map(({ type }) => type))]).toEqual([
      'index-pattern',
      'search',
      'lens',
      'dashboard',
    ]);
  });

  it('refer only to objects that come before them', () => {
    const seen = new Set<string>();
    for (const object of objects) {
      for (const reference of object.references) expect(seen, object.id).toContain(keyOf(reference));
      seen.add(keyOf(object));
    }
  });

  it('cover exactly the data streams that have a template', () => {
    const covered = objects.flatMap((object) =>
      object.type === 'index-pattern' ? object.attributes.title.split(',') : [],
    );
    expect(new Set(covered)).toEqual(new Set(fieldsOfPattern.keys()));
  });

  it.each(objects.filter(({ type }) => type === 'search' || type === 'lens'))(
    '$attributes.title asks for fields that its data view has',
    (object) => {
      const [reference] = object.references;
      const fields = fieldsOfView(reference?.id ?? '');
      const asked = fieldsAsked(object);
      expect(asked.length).toBeGreaterThan(0);
      for (const field of asked) expect([...fields.keys()]).toContain(field);
    },
  );

  it('name their data view where Kibana looks for it', () => {
    for (const object of objects) {
      const names = object.references.map(({ name }) => name);
      if (object.type === 'search') {
        expect(names).toEqual([object.attributes.kibanaSavedObjectMeta.searchSourceJSON.indexRefName]);
      }
      if (object.type === 'lens') {
        const layers = Object.keys(object.attributes.state.datasourceStates.formBased.layers);
        expect(names).toEqual(layers.map((layer) => `indexpattern-datasource-layer-${layer}`));
      }
    }
  });

  it('draw the columns that they compute', () => {
    for (const object of objects) {
      if (object.type !== 'lens') continue;
      const { datasourceStates, visualization } = object.attributes.state;
      for (const { columnOrder, columns } of Object.values(datasourceStates.formBased.layers)) {
        expect([...columnOrder].sort()).toEqual(Object.keys(columns).sort());
        // Grouping comes before what is counted in the groups.
        const grouped = columnOrder.map((id) => columns[id]?.isBucketed);
        expect(grouped).toEqual([...grouped].sort((a, b) => Number(b) - Number(a)));
        for (const id of columnOrder) expect(JSON.stringify(visualization)).toContain(`"${id}"`);
        for (const { params } of Object.values(columns)) {
          if (params.orderBy !== undefined) expect(columnOrder).toContain(params.orderBy.columnId);
        }
      }
    }
  });

  it('lay the panels of the dashboard side by side, each on an object that there is', () => {
    const dashboard = objects.find(({ type }) => type === 'dashboard');
    if (dashboard?.type !== 'dashboard') throw new Error('there is no dashboard');
    const { panelsJSON: panels } = dashboard.attributes;
    const taken = new Set<string>();
    for (const { type, panelIndex, panelRefName, gridData } of panels) {
      const { x, y, w, h, i } = gridData;
      expect(i).toBe(panelIndex);
      expect(x + w).toBeLessThanOrEqual(48);
      expect(dashboard.references).toContainEqual(
        expect.objectContaining({ type, name: `${panelIndex}:${panelRefName}` }),
      );
      for (let column = x; column < x + w; column++)
        for (let row = y; row < y + h; row++) {
          expect(taken, panelIndex).not.toContain(`${column}/${row}`);
          taken.add(`${column}/${row}`);
        }
    }
    expect(dashboard.references).toHaveLength(panels.length);
  });
});
