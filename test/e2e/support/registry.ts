import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { pack } from 'tar-stream';
import { eventually } from './project.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Registry {
  /** `127.0.0.1:31234`, which every engine takes without TLS. */
  readonly address: string;
  /** Puts an image of one file into it, as `library/kong:3.8.0`, and answers the digest it has there. */
  push(name: string, text: string): Promise<string>;
  /** Ends it and removes what it kept. */
  stop(): Promise<void>;
}

/** The real registry, Debian's docker-registry, unpacked from the machine's mirror into a temporary folder. */
export async function startRegistry(): Promise<Registry> {
  const folder = await mkdtemp(join(tmpdir(), 'apictl-registry-'));
  const fetched = join(folder, 'package');
  const script =
    '. scripts/prepare/machine.sh; . scripts/engine/aside.sh; fetch_packages "$1" bookworm docker-registry';
  await execa('bash', ['-ec', script, 'fetch', fetched], { cwd: ROOT });
  const port = await freePort();
  const settings = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: `127.0.0.1:${port}` },
  };
  await writeFile(join(folder, 'config.yml'), JSON.stringify(settings));
  const program = join(fetched, 'unpacked/usr/bin/docker-registry');
  const server = execa(program, ['serve', join(folder, 'config.yml')], { reject: false, stdin: 'ignore' });
  const url = `http://127.0.0.1:${port}/v2/`;
  await eventually('the registry answers', async () => {
    if (!(await fetch(url)).ok) throw new Error('not yet');
  });
  return {
    address: `127.0.0.1:${port}`,
    push: async (name, text) => {
      const [repository = '', tag = ''] = name.split(':');
      return pushImage(`${url}${repository}`, tag, text);
    },
    stop: async () => {
      server.kill();
      await server;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** By the registry's own HTTP API, so that the engine knows nothing of it before it pulls. */
async function pushImage(repository: string, tag: string, text: string): Promise<string> {
  const tar = await tarOf(text);
  const layer = gzipSync(tar);
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    }),
  );
  for (const blob of [layer, config]) await pushBlob(repository, blob);
  const described = (kind: string, blob: Buffer) => ({
    mediaType: `application/vnd.docker.${kind}`,
    size: blob.length,
    digest: digestOf(blob),
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: described('container.image.v1+json', config),
      layers: [described('image.rootfs.diff.tar.gzip', layer)],
    }),
  );
  await put(`${repository}/manifests/${tag}`, manifest, MANIFEST);
  return digestOf(manifest);
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

async function pushBlob(repository: string, blob: Buffer): Promise<void> {
  const begun = await fetch(`${repository}/blobs/uploads/`, { method: 'POST' });
  const place = new URL(begun.headers.get('location') ?? '');
  place.searchParams.set('digest', digestOf(blob));
  await put(place.href, blob, 'application/octet-stream');
}

async function put(url: string, body: Buffer, type: string): Promise<void> {
  const answer = await fetch(url, {
    method: 'PUT',
    body: new Uint8Array(body),
    headers: { 'content-type': type },
  });
  if (answer.status !== 201) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function tarOf(text: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'file', mtime: new Date(0) }, text);
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
