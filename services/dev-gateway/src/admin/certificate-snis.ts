/** A certificate is shown with the names of its SNIs, and may bring them along when it is written. */
import { schemaViolation } from '../errors/admin-error.ts';
import type { PlainRecord } from '../schema/field.ts';
import { isPlainRecord } from '../schema/field.ts';
import { prepareNew } from '../schema/prepare.ts';
import { requireEntity } from '../schema/registry.ts';
import type { Queryable } from '../store/database.ts';
import { findAll, findOne, insert, remove } from '../store/entity-store.ts';
import type { EntityHooks } from './hooks.ts';

const SNIS = 'snis';

const certificateOf = (sni: PlainRecord): string =>
  isPlainRecord(sni.certificate) ? String(sni.certificate.id) : '';

const givenNames = (given: PlainRecord): string[] | undefined =>
  Array.isArray(given.snis) ? [...new Set(given.snis.map(String))] : undefined;

async function refuseTaken(connection: Queryable, entity: PlainRecord, given: PlainRecord): Promise<void> {
  const all: readonly unknown[] = Array.isArray(given.snis) ? given.snis : [];
  const repeated = all.find((name, index) => all.indexOf(name) < index);
  if (repeated !== undefined) throw schemaViolation({ snis: `${repeated} is duplicated` });
  const names = givenNames(given) ?? [];
  for (const name of names) {
    const owner = await findOne(connection, requireEntity(SNIS), [{ field: 'name', value: name }]);
    const id = owner === undefined ? undefined : certificateOf(owner);
    if (id !== undefined && id !== entity.id) {
      throw schemaViolation({ snis: `${name} already associated with existing certificate '${id}'` });
    }
  }
}

async function writeNames(connection: Queryable, entity: PlainRecord, given: PlainRecord): Promise<void> {
  const names = givenNames(given);
  if (names === undefined) return;
  const schema = requireEntity(SNIS);
  const existing = (await findAll(connection, schema)).filter((sni) => certificateOf(sni) === entity.id);
  for (const sni of existing) {
    if (!names.includes(String(sni.name))) await remove(connection, schema, String(sni.id));
  }
  const missing = names.filter((name) => existing.every((sni) => sni.name !== name));
  for (const name of missing) {
    await insert(
      connection,
      schema,
      prepareNew(schema, { name, certificate: { id: entity.id } }, Date.now()),
    );
  }
}

async function showNames(
  connection: Queryable,
  certificates: readonly PlainRecord[],
): Promise<PlainRecord[]> {
  const snis = await findAll(connection, requireEntity(SNIS));
  return certificates.map((certificate) => ({
    ...certificate,
    snis: snis.filter((sni) => certificateOf(sni) === certificate.id).map((sni) => sni.name),
  }));
}

export const certificateHooks: EntityHooks = {
  findId: async (connection, name) => {
    const sni = await findOne(connection, requireEntity(SNIS), [{ field: 'name', value: name }]);
    return sni === undefined ? undefined : certificateOf(sni);
  },
  beforeWrite: refuseTaken,
  afterWrite: writeNames,
  complete: showNames,
};
