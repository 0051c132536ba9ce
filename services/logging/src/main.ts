/** Starts the service, and ends it so that nothing acknowledged is lost. */
import { fileURLToPath } from 'node:url';
import { ConfigError, loadConfig } from './config/load.ts';
import { healthcheck } from './healthcheck.ts';
import { createLog } from './log.ts';
import { readPage } from './page/files.ts';
import { startService } from './service.ts';
import { openStoreInWorker } from './store/worker-client.ts';

const EXIT_USAGE = 64;
/** Beside this file once it is bundled. */
const PAGE = fileURLToPath(new URL('page', import.meta.url));
const log = createLog((line) => process.stdout.write(line));

async function run(): Promise<void> {
  const startedMs = performance.now();
  const config = loadConfig(process.env);
  const service = await startService(config, log, openStoreInWorker, await readPage(PAGE));
  let isStopping = false;
  const stop = (why: string, exitCode: number): void => {
    if (isStopping) return;
    isStopping = true;
    void (async () => {
      log.write('info', 'stopping', { why });
      await service.stop();
      log.write('info', 'stopped');
      process.exit(exitCode);
    })().catch((error: unknown) => {
      log.write('error', 'stopping failed', { error: String(error) });
      process.exit(1);
    });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal, 0));
  process.on('SIGHUP', () => {
    service.reloadCertificate().then(
      () => log.write('info', 'the certificate files were read again'),
      (error: unknown) =>
        log.write('error', 'the changed certificate stays unused', { error: String(error) }),
    );
  });
  service.onFatal((error) => {
    log.write('error', 'the service cannot go on', { error: String(error) });
    stop('a fault that only a restart cures', 1);
  });
  log.write('info', 'ready', {
    ingest: service.ingestUrl,
    admin: service.adminUrl,
    startup_ms: Math.round(performance.now() - startedMs),
  });
}

function fail(error: unknown): void {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) log.write('error', problem);
    process.exitCode = error.exitCode;
    return;
  }
  log.write('error', 'the service cannot start', {
    error: error instanceof Error ? error.message : String(error),
  });
  process.exitCode = 1;
}

const [command, ...rest] = process.argv.slice(2);
if (rest.length > 0 || (command !== undefined && command !== 'healthcheck')) {
  process.stderr.write('usage: node main.mjs [healthcheck]\n');
  process.exitCode = EXIT_USAGE;
} else if (command === 'healthcheck') {
  process.exitCode = await healthcheck(process.env);
} else {
  await run().catch(fail);
}
