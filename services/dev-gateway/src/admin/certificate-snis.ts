/** A certificate is shown with the names of its SNIs, and may bring them along when it is written. */
import { AdminError, schemaViolation } from '../errors/admin-error.ts';
import type { PlainRecord } from '../schema/field.ts';
import { isPlainRecord } from '../schema/field.ts';
import { prepareNew } from '../schema/prepare.ts';
import { requireEntity } from '../schema/registry.ts';
import { isUuid } from '../schema/validators.ts';
import type { Tables } from '../store/tables.ts';
import type { EntityHooks } from './hooks.ts';

const SNIS = 'snis';

const certificateOf = (sni: PlainRecord): string =>
  isPlainRecord(sni.certificate) ? String(sni.certificate.id) : '';

const givenNames = (given: PlainRecord): string[] | undefined =>
  Array.isArray(given.snis) ? [...new Set(given.snis.map(String))] : undefined;

async function refuseTaken(tables: Tables, entity: PlainRecord, given: PlainRecord): Promise<void> {
  const all: readonly unknown[] = Array.isArray(given.snis) ? given.snis : [];
  const repeated = all.find((name, index) => all.indexOf(name) < index);
  if (repeated !== undefined) throw schemaViolation({ snis: `${repeated} is duplicated` });
  const names = givenNames(given) ?? [];
  for (const name of names) {
    const owner = await tables.findOne(requireEntity(SNIS), [{ field: 'name', value: name }]);
    const id = owner === undefined ? undefined : certificateOf(owner);
    if (id !== undefined && id !== entity.id) {
      throw schemaViolation({ snis: `${name} already associated with existing certificate '${id}'` });
    }
  }
}

async function writeNames(tables: Tables, entity: PlainRecord, given: PlainRecord): Promise<void> {
  const names = givenNames(given);
  if (names === undefined) return;
  const schema = requireEntity(SNIS);
  const existing = (await tables.findAll(schema)).filter((sni) => certificateOf(sni) === entity.id);
  for (const sni of existing) {
    if (!names.includes(String(sni.name))) await tables.remove(schema, String(sni.id));
  }
  const missing = names.filter((name) => existing.every((sni) => sni.name !== name));
  for (const name of missing) {
    await tables.insert(schema, prepareNew(schema, { name, certificate: { id: entity.id } }, Date.now()));
  }
}

async function showNames(tables: Tables, certificates: readonly PlainRecord[]): Promise<PlainRecord[]> {
  const snis = await tables.findAll(requireEntity(SNIS));
  return certificates.map((certificate) => ({
    ...certificate,
    snis: snis
      .filter((sni) => certificateOf(sni) === certificate.id)
      .map((sni) => String(sni.name))
      .sort(),
  }));
}

/** A single name stands for a list of it; what is put is put with the name in the path, and with no other names than it brings. */
function readNames(given: PlainRecord, newKey: string | undefined): PlainRecord {
  const names = typeof given.snis === 'string' ? [given.snis] : given.snis;
  if (newKey === undefined) return names === given.snis ? given : { ...given, snis: names };
  if (!Array.isArray(names)) return { ...given, snis: names ?? [] };
  return { ...given, snis: isUuid(newKey) || names.includes(newKey) ? names : [...names, newKey] };
}

export const certificateHooks: EntityHooks = {
  readGiven: readNames,
  unknownKey: () => new AdminError(404, { message: 'SNI not found' }),
  findId: async (tables, name) => {
    const sni = await tables.findOne(requireEntity(SNIS), [{ field: 'name', value: name }]);
    return sni === undefined ? undefined : certificateOf(sni);
  },
  beforeWrite: refuseTaken,
  afterWrite: writeNames,
  complete: showNames,
};
