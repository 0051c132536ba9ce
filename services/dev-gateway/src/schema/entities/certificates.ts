import { createHash, X509Certificate } from 'node:crypto';
import { certificateProblem, keyProblem, keyTypeOf, pairProblem } from '../certificate-problems.ts';
import type { EntitySchema } from '../entity.ts';
import type { FieldSchema, PlainRecord } from '../field.ts';
import { id, isHostname, sniTags, tags, timestamp } from '../typedefs.ts';

/** A host name with at most one wildcard, at its left or right end. */
function wildcardHostProblem(value: unknown): string | undefined {
  const host = String(value).replace(/^\*\./, 'a.').replace(/\.\*$/, '.a');
  return isHostname(host) && Number.isNaN(Number(host.replaceAll('.', '')))
    ? undefined
    : `invalid value: ${value}`;
}

const sniName: FieldSchema = { type: 'string', required: true, len_min: 1, check: wildcardHostProblem };

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

function authorityProblem(value: unknown): string | undefined {
  const problem = certificateProblem(value);
  if (problem !== undefined) return problem;
  const certificate = new X509Certificate(String(value));
  if (Date.parse(certificate.validTo) < Date.now())
    return 'certificate expired, "Not After" time is in the past';
  return certificate.ca
    ? undefined
    : 'certificate does not appear to be a CA because it is missing the "CA" basic constraint';
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
    cert: { type: 'string', required: true, len_min: 1, check: authorityProblem },
    cert_digest: { type: 'string', unique: true },
    tags,
  },
  entity_checks: [],
};
