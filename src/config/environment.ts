import * as z from 'zod';
import { configSchema } from './schema.ts';

/**
 * The environment variables of the configuration: `APICTL_` and the path in upper snake case, as
 * `APICTL_PORTS_PROXY_TLS` for `ports.proxyTls`. Lists are comma separated; maps have no variable.
 */
export interface EnvironmentVariable {
  readonly name: string;
  readonly path: readonly string[];
  readonly kind: 'text' | 'number' | 'boolean' | 'list';
}

const upperSnake = (key: string): string => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();

/** The schema below the wrappers that only say "optional" or "has a default". */
function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrapped(schema.def.innerType);
  }
  // What is computed from a value has the variables of the value.
  if (schema instanceof z.ZodPipe) return unwrapped(schema.def.in);
  return schema;
}

function kindOf(schema: z.core.$ZodType): EnvironmentVariable['kind'] | undefined {
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodBoolean) return 'boolean';
  if (schema instanceof z.ZodArray) return 'list';
  if (schema instanceof z.ZodRecord) return undefined;
  return 'text';
}

function variablesOf(schema: z.core.$ZodType, path: readonly string[]): EnvironmentVariable[] {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([key, value]) =>
      variablesOf(value as z.core.$ZodType, [...path, key]),
    );
  }
  const kind = kindOf(inner);
  if (kind === undefined) return [];
  return [{ name: `APICTL_${path.map(upperSnake).join('_')}`, path, kind }];
}

export const ENVIRONMENT_VARIABLES: readonly EnvironmentVariable[] = variablesOf(configSchema, []);

/** Text from the environment as the schema wants it; what does not fit stays text and fails there, with its name. */
export function valueFromText(kind: EnvironmentVariable['kind'], text: string): unknown {
  if (kind === 'number' && /^-?\d+$/.test(text)) return Number(text);
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (kind === 'list') {
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
  return text;
}
