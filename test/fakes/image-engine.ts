import { extract } from 'tar-stream';
import { ApictlError } from '../../src/core/errors.ts';
import type { BuildOptions, Engine, ImageFacts } from '../../src/core/ports/engine.ts';

export interface Build {
  readonly options: BuildOptions;
  /** Path -> text of the context. */
  readonly files: Readonly<Record<string, string>>;
}

export interface ImageEngine extends Pick<Engine, 'image' | 'images' | 'build' | 'importImage' | 'pull'> {
  readonly present: Map<string, ImageFacts>;
  readonly builds: Build[];
  readonly imports: { readonly reference: string; readonly bytes: string }[];
  readonly pulls: string[];
  /** The most builds that ran at once. */
  mostAtOnce: number;
}

export interface ImageEngineScript {
  readonly present?: readonly string[];
  /** Called in the middle of a build; what it throws is the builder's failure. */
  readonly onBuild?: (build: Build) => Promise<void> | void;
  readonly onPull?: (
    reference: string,
    tell: (text: string) => void,
    signal: AbortSignal | undefined,
  ) => Promise<void>;
}

/** The image calls of an engine, in memory: it keeps what is built, imported and pulled. */
export function imageEngine(script: ImageEngineScript = {}): ImageEngine {
  const present = new Map<string, ImageFacts>();
  const add = (reference: string, labels: Readonly<Record<string, string>> = {}) =>
    present.set(reference, {
      id: `sha256:${reference}`,
      tags: [reference],
      sizeBytes: 1000,
      createdMs: Date.parse('2026-01-02T03:04:05Z'),
      labels,
    });
  for (const reference of script.present ?? []) add(reference, { 'io.apictl.managed': 'true' });
  let running = 0;
  const engine: ImageEngine = {
    present,
    builds: [],
    imports: [],
    pulls: [],
    mostAtOnce: 0,
    image: async (reference) => present.get(reference) ?? null,
    images: async (label) => {
      if (label === undefined) return [...present.values()];
      const [name = '', value] = label.split('=');
      return [...present.values()].filter(({ labels }) => labels[name] === value);
    },
    build: async (context, options) => {
      running += 1;
      engine.mostAtOnce = Math.max(engine.mostAtOnce, running);
      try {
        const build = { options, files: await filesOf(context) };
        engine.builds.push(build);
        options.onOutput('Step 1/1 : FROM x');
        await script.onBuild?.(build);
        add(options.reference, options.labels);
      } finally {
        running -= 1;
      }
    },
    importImage: async (rootfs, reference, labels) => {
      let bytes = '';
      for await (const chunk of rootfs) bytes += String(chunk);
      engine.imports.push({ reference, bytes });
      add(reference, labels);
    },
    pull: async (reference, tell, signal) => {
      engine.pulls.push(reference);
      await script.onPull?.(reference, tell, signal);
      add(reference);
    },
  };
  return engine;
}

async function filesOf(context: NodeJS.ReadableStream): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  const archive = extract();
  context.pipe(archive);
  for await (const entry of archive) {
    let text = '';
    for await (const chunk of entry) text += String(chunk);
    files[entry.header.name] = text;
  }
  return files;
}

export const buildFailed = (details: readonly string[] = ['Step 1/1 : RUN false']) =>
  new ApictlError({ code: 'IMAGE_BUILD_FAILED', exitCode: 5, message: 'could not be built', details });
