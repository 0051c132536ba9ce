/** Starts the service, and ends it so that nothing acknowledged is lost. */
import { type Config, ConfigError, loadConfig } from './config/load.ts';
import { buildAdminServer } from './http/admin-server.ts';
import { buildIngestServer } from './http/ingest-server.ts';
import { Metrics } from './metrics.ts';
import { Pipeline } from './pipeline.ts';

const HEALTH_TIMEOUT_MS = 3_000;

const say = (text: string): void => {
  process.stdout.write(
    `${JSON.stringify({ time: new Date().toISOString(), level: 'info', message: text })}\n`,
  );
};
const complain = (text: string): void => {
  process.stderr.write(
    `${JSON.stringify({ time: new Date().toISOString(), level: 'error', message: text })}\n`,
  );
};

async function run(config: Config): Promise<void> {
  const metrics = new Metrics();
  const pipeline = await Pipeline.open(config, metrics);
  const ingest = buildIngestServer(config, pipeline, metrics);
  const admin = buildAdminServer(config, pipeline, metrics);
  let isStopping = false;
  const stop = async (why: string, exitCode: number): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    say(`${why}: stopping`);
    await Promise.all([ingest.close(), admin.close()]);
    await pipeline.stop();
    say('stopped');
    process.exit(exitCode);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal, 0));
  pipeline.start((error) => {
    complain(error instanceof Error ? error.message : String(error));
    void stop('the store cannot go on', 1);
  });
  const main = await ingest.listen(config.ingestListen);
  const search = await admin.listen(config.adminListen);
  say(`listening: ingest ${main}, search ${search}; following ${config.followDirs.join(', ') || 'nothing'}`);
}

async function healthcheck(config: Config): Promise<number> {
  const url = `http://127.0.0.1:${config.ingestListen.port}/healthz`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) }).catch(() => undefined);
  return answer?.ok === true ? 0 : 1;
}

try {
  const config = loadConfig(process.env);
  if (process.argv[2] === 'healthcheck') process.exitCode = await healthcheck(config);
  else await run(config);
} catch (error) {
  if (error instanceof ConfigError) {
    for (const problem of [error.message, ...error.problems]) complain(problem);
    process.exitCode = error.exitCode;
  } else {
    complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  }
}
