import { isIP } from 'node:net';
import type { FieldSchema } from '../field.ts';

/** The problem of an address or of a network in CIDR notation; undefined when it is one. */
export function networkProblem(value: unknown): string | undefined {
  const [address = '', prefix] = String(value).split('/');
  const version = isIP(address);
  const mostBits = version === 4 ? 32 : 128;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= mostBits);
  return version !== 0 && isPrefix ? undefined : `invalid ip or cidr range: '${value}'`;
}

export const addressList: FieldSchema = {
  type: 'array',
  elements: { type: 'string', check: networkProblem },
};
