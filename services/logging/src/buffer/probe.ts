/** Asks the disk whether it takes writes again, without touching the buffer's segments. */
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** More than what stays free on a file system that is full for everybody but a few metadata blocks. */
const PROBE_BYTES = 256 * 1024;

/** Writes, fsyncs and removes a file. @throws what the disk answers */
export async function probeDisk(directory: string): Promise<void> {
  const path = join(directory, 'disk.probe');
  const handle = await open(path, 'w', 0o640);
  try {
    await handle.writeFile(Buffer.alloc(PROBE_BYTES));
    await handle.sync();
  } finally {
    await handle.close();
    await unlink(path);
  }
}
