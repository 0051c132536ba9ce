/** The built service as a process, with room for what the measurement sends. */
import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageCommand } from '../../services/logging/test/support/image-command.ts';
import { end, eventually, freePort, start } from './processes.ts';

const MAIN = fileURLToPath(new URL('../../services/logging/dist/main.mjs', import.meta.url));
const TOKEN = 'the-token-of-the-benchmark';

export interface RunningService {
  readonly process: ChildProcess;
  readonly ingest: string;
  readonly ask: (path: string) => Promise<unknown>;
  readonly end: () => Promise<void>;
}

/** @param folder holds the data; what an earlier run left there is served */
export async function startService(folder: string): Promise<RunningService> {
  const [ingestPort, adminPort] = [await freePort(), await freePort()];
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'token'), TOKEN);
  const { flags, environment } = await imageCommand();
  const child = start(process.execPath, [...flags, MAIN], {
    ...environment,
    LOGGING_INGEST_LISTEN: `127.0.0.1:${ingestPort}`,
    LOGGING_ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
    LOGGING_ADMIN_TOKEN_FILE: join(folder, 'token'),
    LOGGING_DATA_DIR: join(folder, 'data'),
    LOGGING_BUFFER_SIZE: '8GiB',
    LOGGING_RETENTION_SIZE: '64GiB',
    LOGGING_RETENTION_AGE: '3650d',
  });
  const ingest = `http://127.0.0.1:${ingestPort}`;
  await eventually('the service is ready', async () => (await fetch(`${ingest}/readyz`)).ok);
  return {
    process: child,
    ingest,
    ask: async (path) => {
      const answer = await fetch(`http://127.0.0.1:${adminPort}${path}`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      const document: unknown = await answer.json();
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(document)}`);
      return document;
    },
    end: () => end(child),
  };
}
