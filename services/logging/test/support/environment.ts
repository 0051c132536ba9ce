/** What every service of a test is given: a token, a directory of its own, ports chosen by the system. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const TOKEN = 'a-token-for-tests-only';

/** The environment of a service below `root`: data and one followed directory. */
export async function environmentAt(
  root: string,
  more: Record<string, string> = {},
): Promise<Record<string, string>> {
  await mkdir(join(root, 'logs'), { recursive: true });
  await writeFile(join(root, 'token'), TOKEN);
  return {
    LOGGING_INGEST_LISTEN: '127.0.0.1:0',
    LOGGING_ADMIN_LISTEN: '127.0.0.1:0',
    LOGGING_ADMIN_TOKEN_FILE: join(root, 'token'),
    LOGGING_DATA_DIR: join(root, 'data'),
    LOGGING_FOLLOW: join(root, 'logs'),
    LOGGING_FOLLOW_INTERVAL: '20ms',
    ...more,
  };
}
