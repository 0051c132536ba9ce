import type { Consumer, Plugin, Route, Service } from '../model/entities.ts';
import type { Exchange } from '../proxy/exchange.ts';
import { messageReply, type Reply } from '../proxy/reply.ts';
import { GUARDING_PLUGINS } from './kinds.ts';
import type { PluginHandler, PluginKind, PluginWorld } from './phases.ts';

interface Instance {
  readonly plugin: Plugin;
  readonly handler: PluginHandler;
  readonly takesHttp: boolean;
  readonly takesHttps: boolean;
  /** False when there is no code for the plugin, or it could not start. */
  readonly isServed: boolean;
}

interface NamedInstances {
  readonly priority: number;
  /** By the scope that the plugin entity is bound to. */
  readonly byScope: Map<string, Instance>;
}

const scopeKey = (route: string, service: string, consumer: string): string =>
  `${route}|${service}|${consumer}`;

/** The scopes that apply to a request, most specific first; of one plugin only the first that exists runs. */
const scopesOf = (route: string, service: string, consumer: string): string[] => {
  const all = [
    [route, service, consumer],
    [route, '', consumer],
    ['', service, consumer],
    [route, service, ''],
    ['', '', consumer],
    [route, '', ''],
    ['', service, ''],
    ['', '', ''],
  ] as const;
  return [...new Set(all.map(([r, s, c]) => scopeKey(r, s, c)))];
};

const refusal: PluginHandler = {
  access: (exchange) =>
    messageReply({
      status: 500,
      message: 'An unexpected error occurred',
      requestId: exchange.id,
      accept: exchange.headers.get('accept'),
    }),
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Handlers of no plugin at all. */
export const NO_HANDLERS: readonly PluginHandler[] = [];

/** The plugin entities at work. An entity that did not change keeps its handler, and with it its queue and counters. */
export class PluginSet {
  readonly #kinds: ReadonlyMap<string, PluginKind>;
  readonly #world: PluginWorld;
  readonly #instances = new Map<string, Instance>();
  readonly #reported = new Set<string>();
  #byName: NamedInstances[] = [];
  #resolved = new Map<string, readonly (Instance | undefined)[]>();
  #entities: ReadonlyMap<string, Plugin> | undefined;
  readonly #closing = new Set<Promise<void>>();

  constructor(kinds: readonly PluginKind[], world: PluginWorld) {
    this.#kinds = new Map(kinds.map((kind) => [kind.name, kind]));
    this.#world = world;
  }

  /** Names of enabled plugins that are not served as configured. */
  get unsupported(): ReadonlySet<string> {
    const unserved = [...this.#instances.values()].filter((instance) => !instance.isServed);
    return new Set(unserved.map(({ plugin }) => plugin.name));
  }

  /** Whether an enabled plugin of that name has a flag set. */
  anyHasFlag(name: string, flag: string): boolean {
    for (const { plugin } of this.#instances.values()) {
      if (plugin.name === name && plugin.config[flag] === true) return true;
    }
    return false;
  }

  apply(plugins: ReadonlyMap<string, Plugin>): void {
    if (plugins === this.#entities) return;
    this.#entities = plugins;
    const before = new Map(this.#instances);
    this.#instances.clear();
    const byName = new Map<string, NamedInstances>();
    for (const plugin of plugins.values()) {
      if (!plugin.enabled) continue;
      const known = before.get(plugin.id);
      const instance = known && known.plugin === plugin ? known : this.#create(plugin);
      this.#instances.set(plugin.id, instance);
      const named = byName.get(plugin.name) ?? {
        priority: this.#kinds.get(plugin.name)?.priority ?? 1_000,
        byScope: new Map(),
      };
      named.byScope.set(
        scopeKey(plugin.route?.id ?? '', plugin.service?.id ?? '', plugin.consumer?.id ?? ''),
        instance,
      );
      byName.set(plugin.name, named);
    }
    this.#byName = [...byName.values()].sort((a, b) => b.priority - a.priority);
    this.#resolved = new Map();
    // New handlers exist by now, so that what they share with the old, such as an open file, stays open.
    for (const [id, instance] of before)
      if (this.#instances.get(id) !== instance) this.#close(instance.handler);
  }

  /**
   * Runs the access phase: plugins in order of priority, each chosen with the consumer that is known when its turn comes.
   * After a reply no further plugin runs, but all that apply are still gathered for the later phases.
   */
  async access(
    exchange: Exchange,
  ): Promise<{ reply: Reply | undefined; handlers: readonly PluginHandler[] }> {
    const handlers: PluginHandler[] = [];
    let reply: Reply | undefined;
    let consumer = exchange.consumer;
    let chosen = this.#choose(exchange.route, exchange.service, consumer);
    for (let index = 0; index < chosen.length; index += 1) {
      const instance = chosen[index];
      if (!instance || !(exchange.scheme === 'https' ? instance.takesHttps : instance.takesHttp)) continue;
      handlers.push(instance.handler);
      if (reply || !instance.handler.access) continue;
      const answer = instance.handler.access(exchange);
      reply = answer instanceof Promise ? await answer : answer;
      if (exchange.consumer !== consumer) {
        consumer = exchange.consumer;
        chosen = this.#choose(exchange.route, exchange.service, consumer);
      }
    }
    return { reply, handlers };
  }

  /** The plugins that apply to a request, without running their access phase. */
  handlersFor(exchange: Exchange): readonly PluginHandler[] {
    return this.#choose(exchange.route, exchange.service, exchange.consumer).flatMap((instance) =>
      instance && (exchange.scheme === 'https' ? instance.takesHttps : instance.takesHttp)
        ? [instance.handler]
        : [],
    );
  }

  /** Lets every plugin finish what it has under way. */
  async close(): Promise<void> {
    for (const { handler } of this.#instances.values()) this.#close(handler);
    this.#instances.clear();
    this.#byName = [];
    this.#resolved = new Map();
    await Promise.all(this.#closing);
  }

  #choose(
    route: Route | undefined,
    service: Service | undefined,
    consumer: Consumer | undefined,
  ): readonly (Instance | undefined)[] {
    const key = scopeKey(route?.id ?? '', service?.id ?? '', consumer?.id ?? '');
    const known = this.#resolved.get(key);
    if (known) return known;
    const scopes = scopesOf(route?.id ?? '', service?.id ?? '', consumer?.id ?? '');
    const chosen = this.#byName.map(({ byScope }) => {
      const scope = scopes.find((candidate) => byScope.has(candidate));
      return scope === undefined ? undefined : byScope.get(scope);
    });
    // Many consumers on many routes could fill memory with combinations; they are cheap to find again.
    if (this.#resolved.size >= 10_000) this.#resolved.clear();
    this.#resolved.set(key, chosen);
    return chosen;
  }

  #create(plugin: Plugin): Instance {
    return {
      plugin,
      ...this.#createHandler(plugin),
      takesHttp: plugin.protocols.includes('http') || plugin.protocols.includes('grpc'),
      takesHttps: plugin.protocols.includes('https') || plugin.protocols.includes('grpcs'),
    };
  }

  #createHandler(plugin: Plugin): Pick<Instance, 'handler' | 'isServed'> {
    const kind = this.#kinds.get(plugin.name);
    if (!kind) {
      const isGuard = GUARDING_PLUGINS.has(plugin.name);
      const outcome = isGuard ? 'the requests that it guards are refused' : 'requests pass without it';
      this.#reportUnsupported(plugin, `the development gateway has no code for this plugin; ${outcome}`);
      return { handler: isGuard ? refusal : {}, isServed: false };
    }
    try {
      return { handler: kind.create(plugin, this.#world), isServed: true };
    } catch (error) {
      this.#reportUnsupported(
        plugin,
        `cannot start: ${reasonOf(error)}; the requests that it applies to are refused`,
      );
      return { handler: refusal, isServed: false };
    }
  }

  #reportUnsupported(plugin: Plugin, message: string): void {
    const key = `${plugin.name}:${message}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#world.log.error(`plugin ${plugin.name}: ${message}`, { plugin: plugin.id });
  }

  #close(handler: PluginHandler): void {
    if (!handler.close) return;
    const closing: Promise<void> = handler
      .close()
      .catch((error: unknown) => this.#world.log.error(`plugin could not end cleanly: ${reasonOf(error)}`))
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
