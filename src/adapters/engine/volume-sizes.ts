import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { messageOf } from '../../core/errors.ts';

const BUSY = /disk usage operation is already running/;
const ASK_AGAIN_MS = 200;
const PATIENCE_MS = 60_000;

interface DiskUsage {
  readonly Volumes?:
    | readonly { readonly Name: string; readonly UsageData?: { readonly Size: number } }[]
    | null;
}

/**
 * Volume -> bytes. The engine counts for one caller at a time and refuses whoever asks meanwhile, be it another project: then it is
 * asked again until it has counted to the end.
 */
export async function volumeSizes(docker: Docker): Promise<ReadonlyMap<string, number>> {
  const untilMs = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      const { Volumes } = (await docker.df()) as DiskUsage;
      return new Map((Volumes ?? []).map(({ Name, UsageData }) => [Name, UsageData?.Size ?? 0]));
    } catch (thrown) {
      if (!BUSY.test(messageOf(thrown)) || Date.now() > untilMs) throw thrown;
      await delay(ASK_AGAIN_MS);
    }
  }
}
