import { join } from 'node:path';
import * as z from 'zod';
import { PORT_NAMES, type Ports } from '../../config/ports.ts';
import type { Config, PortName } from '../../config/schema.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { Files } from '../../core/ports/files.ts';
import { parseState, stateText } from '../../core/state-file.ts';

/**
 * Ports that were taken when `up --free-ports` ran, and those that stand in for them: remembered in the project, so that every
 * command and the next `up` use the same. An entry holds as long as the configured port is the one that was evaded.
 */
const FORMAT = 1;
const number = z.int().min(1).max(65_535);
const memorySchema = z.partialRecord(
  z.enum(PORT_NAMES),
  z.strictObject({ configured: number, used: number }),
);
export type PortMemory = z.output<typeof memorySchema>;

const memoryFile = (folder: string): string => join(folder, 'ports.json');

/**
 * @param folder the project's `.apictl`
 * @throws ApictlError PORTS_UNREADABLE, STATE_NEWER (64): without it nobody knows where the stack listens
 */
export async function readPortMemory(files: Pick<Files, 'read'>, folder: string): Promise<PortMemory> {
  const path = memoryFile(folder);
  const text = (await files.read(path))?.toString('utf8');
  if (text === undefined) return {};
  const parsed = memorySchema.safeParse(parseState(text, path, FORMAT));
  if (parsed.success) return parsed.data;
  throw new ApictlError({
    code: 'PORTS_UNREADABLE',
    exitCode: EXIT.usage,
    message: `${path} is damaged: it says which free ports this stack uses`,
    object: path,
    hint: 'Remove it, and run "apictl up --free-ports" to choose anew.',
    cause: parsed.error,
  });
}

export async function writePortMemory(
  files: Pick<Files, 'write' | 'remove'>,
  folder: string,
  memory: PortMemory,
): Promise<void> {
  const path = memoryFile(folder);
  if (Object.keys(memory).length === 0) await files.remove(path);
  else await files.write(path, stateText(FORMAT, memory), 0o644);
}

/** The entries that still hold: the configured port is the same, and no other name is configured to have the one used. */
export const holding = (memory: PortMemory, configured: Ports): PortMemory =>
  Object.fromEntries(
    PORT_NAMES.flatMap((name) => {
      const entry = memory[name];
      if (entry === undefined || entry.configured !== configured[name]) return [];
      return PORT_NAMES.some((other) => configured[other] === entry.used) ? [] : [[name, entry]];
    }),
  );

export const withMemory = (config: Config, memory: PortMemory): Config => ({
  ...config,
  ports: { ...config.ports, ...usedOf(holding(memory, config.ports)) },
});

const usedOf = (memory: PortMemory): Partial<Ports> =>
  Object.fromEntries(Object.entries(memory).map(([name, { used }]) => [name, used]));

/** The ports as the configuration has them, of a configuration in which the memory is applied. */
export const withoutMemory = (config: Config, memory: PortMemory): Config => ({
  ...config,
  ports: {
    ...config.ports,
    ...Object.fromEntries(
      Object.entries(memory)
        .filter(([name, { used }]) => config.ports[name as PortName] === used)
        .map(([name, { configured }]) => [name, configured]),
    ),
  },
});
