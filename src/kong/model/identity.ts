import { hash } from 'node:crypto';
import type { Kind } from './kinds.ts';

/** Every entity of apictl carries both tags; what carries only one of them, or none, is somebody else's. */
export const ownerTags = (project: string): readonly [string, string] => [
  'managed-by:apictl',
  `project:${project}`,
];

/** The namespace of our identifiers, a random UUID that must never change. */
const NAMESPACE = Buffer.from('6f0d4c1ea1f24c9d9a1b0a5b5d1f7c38', 'hex');

/**
 * The id that an entity gets when it is created: the same project, kind and key always give the same one, so that a write
 * sent twice makes one entity. (UUID version 5, RFC 9562.)
 */
export function deterministicId(project: string, kind: Kind, key: string): string {
  const named = Buffer.concat([NAMESPACE, Buffer.from(`${project}\0${kind}\0${key}`)]);
  const bytes = hash('sha1', named, 'buffer').subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
