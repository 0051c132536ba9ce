import { createHash, X509Certificate } from 'node:crypto';
import { certificateProblem, keyProblem, keyTypeOf, pairProblem } from '../certificate-problems.ts';
import type { EntitySchema } from '../entity.ts';
import type { EntityCheckFailure, FieldSchema, PlainRecord } from '../field.ts';
import { wildcardNameProblem } from '../host-address.ts';
import { id, sniTags, tags, timestamp } from '../typedefs.ts';

const sniName: FieldSchema = { type: 'string', required: true, len_min: 1, check: wildcardNameProblem };

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function pairCheck(certField: string, keyField: string) {
  return {
    custom_entity_check: {
      field_sources: [certField, keyField],
      check: (entity: PlainRecord) => {
        const [cert, key] = [text(entity[certField]), text(entity[keyField])];
        const problem = cert === null || key === null ? undefined : pairProblem(cert, key);
        return problem === undefined ? undefined : { entity: problem };
      },
    },
  };
}

function sameKeyType(entity: PlainRecord) {
  const [cert, alternative] = [text(entity.cert), text(entity.cert_alt)];
  if (cert === null || alternative === null || keyTypeOf(cert) !== keyTypeOf(alternative)) return undefined;
  return {
    entity: `certificate and alternative certificate need to have different type (e.g. RSA and ECDSA), the provided certificates were both of the same type`,
  };
}

export const certificates: EntitySchema = {
  name: 'certificates',
  fields: {
    id,
    created_at: timestamp,
    updated_at: timestamp,
    cert: { type: 'string', required: true, len_min: 1, referenceable: true, check: certificateProblem },
    key: {
      type: 'string',
      required: true,
      len_min: 1,
      referenceable: true,
      encrypted: true,
      check: keyProblem,
    },
    cert_alt: { type: 'string', required: false, referenceable: true, check: certificateProblem },
    key_alt: {
      type: 'string',
      required: false,
      referenceable: true,
      encrypted: true,
      check: keyProblem,
    },
    tags,
    snis: { type: 'array', required: false, transient: true, elements: sniName },
  },
  entity_checks: [
    { mutually_required: ['cert_alt', 'key_alt'] },
    pairCheck('cert', 'key'),
    pairCheck('cert_alt', 'key_alt'),
    { custom_entity_check: { field_sources: ['cert', 'cert_alt'], check: sameKeyType } },
  ],
};

export const snis: EntitySchema = {
  name: 'snis',
  endpointKey: 'name',
  goesWith: 'certificate',
  hiddenParents: ['certificate'],
  fields: {
    id,
    name: { ...sniName, unique: true, unique_across_ws: true },
    created_at: timestamp,
    updated_at: timestamp,
    tags: sniTags,
    certificate: { type: 'foreign', required: true, reference: 'certificates' },
  },
  entity_checks: [],
};

const CERTIFICATE_START = '-----BEGIN CERTIFICATE-----';

function authorityProblem({ cert }: PlainRecord): EntityCheckFailure | undefined {
  const pem = String(cert);
  if (pem.split(CERTIFICATE_START).length > 2) {
    return { entity: 'please submit only one certificate at a time' };
  }
  const certificate = new X509Certificate(pem);
  if (Date.parse(certificate.validTo) < Date.now()) {
    return { entity: 'certificate expired, "Not After" time is in the past' };
  }
  return certificate.ca
    ? undefined
    : {
        entity: 'certificate does not appear to be a CA because it is missing the "CA" basic constraint',
      };
}

function digestCertificate(entity: PlainRecord): PlainRecord {
  const { raw } = new X509Certificate(String(entity.cert));
  return { ...entity, cert_digest: createHash('sha256').update(raw).digest('hex') };
}

export const caCertificates: EntitySchema = {
  name: 'ca_certificates',
  derive: digestCertificate,
  fields: {
    id,
    created_at: timestamp,
    updated_at: timestamp,
    cert: { type: 'string', required: true, len_min: 1, check: certificateProblem },
    cert_digest: { type: 'string', unique: true },
    tags,
  },
  entity_checks: [{ custom_entity_check: { field_sources: ['cert'], check: authorityProblem } }],
};
