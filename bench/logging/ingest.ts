/** Lines of one kilobyte over HTTP with fsync before the acknowledgement, beside a bare server and rsyslog. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { BenchRow } from '../row.ts';
import type { LoadOptions, LoadResult } from './load.ts';
import { end, eventually, freePort, isListening, peakMiB, runScript, start } from './processes.ts';
import { startService } from './service.ts';

const LOAD = new URL('./load.ts', import.meta.url);
const BARE = new URL('./bare-server.mjs', import.meta.url);
const SHAPE = { connections: 8, linesPerBatch: 100 };
const GOAL_LINES = 30_000;
const STEADY_LINES = 10_000;

const load = (options: LoadOptions): Promise<LoadResult> => runScript(LOAD, options);
const perSecond = ({ acknowledgedLines, seconds }: LoadResult): number => acknowledgedLines / seconds;
const shown = (lines: number): string => `${Math.round(lines).toLocaleString('en')} lines/s`;

interface Ours {
  readonly fastest: LoadResult;
  readonly steady: LoadResult;
  readonly peakMiB: number;
  readonly lost: number;
}

async function measureOurs(folder: string, seconds: number): Promise<Ours> {
  const service = await startService(folder);
  try {
    const steady = await load({
      url: service.ingest,
      path: '/v1/events',
      seconds,
      ...SHAPE,
      linesPerSecond: STEADY_LINES,
    });
    const fastest = await load({ url: service.ingest, path: '/v1/events', seconds, ...SHAPE });
    const acknowledged = steady.acknowledgedLines + fastest.acknowledgedLines;
    let stored = 0;
    for (let last = -1; stored < acknowledged && stored !== last; ) {
      last = stored;
      await new Promise((resolve) => setTimeout(resolve, 5000));
      stored = ((await service.ask('/api/v1/pipeline')) as { stored: number }).stored;
    }
    const peak = await peakMiB(service.process);
    return { fastest, steady, peakMiB: peak, lost: acknowledged - stored };
  } finally {
    await service.end();
  }
}

async function measureBare(folder: string, seconds: number): Promise<Pick<Ours, 'fastest' | 'steady'>> {
  const port = await freePort();
  const server = start(process.execPath, [BARE.pathname, join(folder, 'bare'), String(port)]);
  try {
    await eventually('the bare server listens', () => isListening(port));
    const target = { url: `http://127.0.0.1:${port}`, path: '/', seconds, ...SHAPE };
    return { steady: await load({ ...target, linesPerSecond: STEADY_LINES }), fastest: await load(target) };
  } finally {
    await end(server);
  }
}

/** TCP in, file out through a queue on disk. Its senders get no acknowledgement: the file's growth is what counts. */
async function measureRsyslog(folder: string, seconds: number): Promise<number | undefined> {
  try {
    execFileSync('rsyslogd', ['-v'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const port = await freePort();
  const spool = join(folder, 'rsyslog');
  await mkdir(spool, { recursive: true });
  const output = join(spool, 'out');
  await writeFile(
    join(spool, 'rsyslog.conf'),
    `global(workDirectory="${spool}" maxMessageSize="64k")
module(load="imtcp")
input(type="imtcp" port="${port}" address="127.0.0.1")
action(type="omfile" file="${output}" queue.type="disk" queue.filename="out" queue.maxDiskSpace="8g" queue.checkpointInterval="1000")
`,
  );
  const daemon = start('rsyslogd', ['-n', '-f', join(spool, 'rsyslog.conf'), '-i', join(spool, 'pid')]);
  try {
    await eventually('rsyslog listens', () => isListening(port));
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const line = `<13>1 2026-11-23T17:59:33Z host app - - - ${'lorem ipsum dolor '.repeat(60).slice(0, 980)}\n`;
    const batch = Buffer.from(line.repeat(100));
    const untilMs = performance.now() + seconds * 1000;
    while (performance.now() < untilMs) {
      if (!socket.write(batch)) await once(socket, 'drain');
    }
    const { size } = await stat(output);
    socket.destroy();
    return size / line.length / seconds;
  } finally {
    await end(daemon);
  }
}

/** @param seconds of each load */
export async function ingestRows(folder: string, seconds: number): Promise<BenchRow[]> {
  const ours = await measureOurs(join(folder, 'ours'), seconds);
  const peer = await measureBare(folder, seconds);
  const bare = perSecond(peer.fastest);
  const rsyslog = await measureRsyslog(folder, seconds);
  const speed = perSecond(ours.fastest);
  const one = (what: string, own: string, goal: string, note?: string): BenchRow => ({
    what,
    ours: own,
    peer: 'none',
    ratio: null,
    goal,
    ...(note === undefined ? {} : { note }),
  });
  return [
    {
      what: 'log lines of 1 KB, fsynced before the answer',
      ours: shown(speed),
      peer: `${shown(bare)} (bare Node server, same group commit)`,
      ratio: speed / bare,
      goal: `at least ${shown(GOAL_LINES)} and 0.50`,
      note: `${seconds} s, ${SHAPE.linesPerBatch} lines a request, the load on the same cores; the bare server neither parses nor masks nor stores`,
    },
    {
      what: 'the same beside rsyslog',
      ours: shown(speed),
      peer:
        rsyslog === undefined
          ? 'not run: rsyslogd is not installed'
          : `${shown(rsyslog)} (rsyslog, TCP to file, disk queue)`,
      ratio: rsyslog === undefined ? null : speed / rsyslog,
      goal: 'none',
      note: 'rsyslog acknowledges nothing and does not fsync',
    },
    {
      what: `p99 of the acknowledgement at ${shown(STEADY_LINES)}`,
      ours: `${ours.steady.p99Ms.toFixed(1)} ms`,
      peer: `${peer.steady.p99Ms.toFixed(1)} ms (bare Node server, same group commit)`,
      ratio: ours.steady.p99Ms / peer.steady.p99Ms,
      goal: 'under 50 ms',
      note: `medians ${ours.steady.p50Ms.toFixed(1)} and ${peer.steady.p50Ms.toFixed(1)} ms, ${shown(perSecond(ours.steady))} reached`,
    },
    one(
      'acknowledged lines lost',
      String(ours.lost),
      '0',
      `of ${(ours.steady.acknowledgedLines + ours.fastest.acknowledgedLines).toLocaleString('en')}`,
    ),
    one(
      'most memory of the logging service',
      `${ours.peakMiB} MiB`,
      'under 300 MiB',
      'until all of it is stored',
    ),
  ];
}
