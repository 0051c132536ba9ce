import type { RequestListener } from 'node:http';
import { afterEach } from 'vitest';
import { type Backend, type BackendOptions, echo, startBackend } from './backend.ts';
import type { Content } from './memory-snapshots.ts';
import { type ProxyChanges, type RunningProxy, runProxy } from './run-proxy.ts';

interface Stoppable {
  stop(): Promise<void> | void;
}

/** Starts things for the tests of one file and stops them after each test, the last started first. */
export const startedThings = () => {
  const running: Stoppable[] = [];
  afterEach(async () => {
    for (const one of running.splice(0).reverse()) await one.stop();
  });
  const keep = <T extends Stoppable>(one: T): T => {
    running.push(one);
    return one;
  };
  return {
    keep,
    backend: async (
      listener: RequestListener = echo('echo-1'),
      options: BackendOptions = {},
    ): Promise<Backend> => keep(await startBackend(listener, options)),
    proxy: async (content: Content, changes: ProxyChanges = {}): Promise<RunningProxy> =>
      keep(await runProxy(content, changes)),
  };
};
