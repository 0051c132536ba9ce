import type { PluginConfig } from '../model/entities.ts';

/**
 * Reads a plugin's configuration with the types that its schema promises. A value of another type counts as not set:
 * the Admin API has already refused it, so only a row written past it can have one.
 */
export class ConfigReader {
  readonly #config: PluginConfig;

  constructor(config: PluginConfig) {
    this.#config = config;
  }

  text(name: string): string | undefined {
    const value = this.#config[name];
    return typeof value === 'string' ? value : undefined;
  }

  number(name: string): number | undefined {
    const value = this.#config[name];
    return typeof value === 'number' ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#config[name] === true;
  }

  /** Undefined when not set, so that a set but empty list can be told apart. */
  texts(name: string): readonly string[] | undefined {
    const value = this.#config[name];
    return Array.isArray(value)
      ? value.filter((entry): entry is string => typeof entry === 'string')
      : undefined;
  }

  record(name: string): ConfigReader {
    const value = this.#config[name];
    return new ConfigReader(value !== null && typeof value === 'object' ? (value as PluginConfig) : {});
  }

  entries(): [string, unknown][] {
    return Object.entries(this.#config);
  }

  raw(name: string): unknown {
    return this.#config[name];
  }
}
