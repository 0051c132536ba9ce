import type { EntityCheck, FieldSchema, FieldTable, RecordSchema } from './field.ts';
import { ALL_PROTOCOLS, HTTP_PROTOCOLS, protocolOf } from './typedefs.ts';

/** One plugin: its part of the plugin entity, foremost what its `config` may hold. */
export interface PluginSchema extends RecordSchema {
  readonly name: string;
  /** Plugins run in falling order of it. */
  readonly priority: number;
}

interface PluginParts {
  readonly name: string;
  readonly priority: number;
  readonly config: FieldTable;
  readonly configShape?: Omit<FieldSchema, 'type' | 'fields'>;
  readonly entityChecks?: readonly EntityCheck[];
  /** Runs before a consumer is known, so that it cannot be limited to one. */
  readonly isWithoutConsumer?: boolean;
  /** Protocols that a plugin may be limited to; those of HTTP unless told. */
  readonly protocols?: readonly string[];
  readonly defaultProtocols?: readonly string[];
}

/** Puts a plugin's table together from what is its own. */
export function definePlugin(parts: PluginParts): PluginSchema {
  const protocols: FieldSchema = {
    type: 'set',
    required: true,
    default: parts.defaultProtocols ?? HTTP_PROTOCOLS,
    elements: protocolOf(parts.protocols ?? HTTP_PROTOCOLS),
  };
  const config: FieldSchema = { ...parts.configShape, type: 'record', required: true, fields: parts.config };
  return {
    name: parts.name,
    priority: parts.priority,
    fields: {
      ...(parts.isWithoutConsumer === true
        ? { consumer: { type: 'foreign', reference: 'consumers', eq: null } as const }
        : {}),
      protocols,
      config,
    },
    entity_checks: parts.entityChecks ?? [],
  };
}

export const anyProtocol = ALL_PROTOCOLS;
export const optionalString: FieldSchema = { type: 'string' };
export const strings: FieldSchema = { type: 'array', elements: { type: 'string' } };
