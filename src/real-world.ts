import { localArchiveFiles } from './adapters/archive-files.ts';
import { localBuildContexts } from './adapters/build-contexts.ts';
import { systemClock } from './adapters/clock.ts';
import { localCommands } from './adapters/commands.ts';
import { composePlugin } from './adapters/compose-plugin.ts';
import { dockerEngine } from './adapters/engine/docker-engine.ts';
import { engineData } from './adapters/engine/engine-data.ts';
import { imagePrograms } from './adapters/engine/image-programs.ts';
import { imageRemoval } from './adapters/engine/image-removal.ts';
import { imageTransfer } from './adapters/engine/image-transfer.ts';
import { engineSwarm } from './adapters/engine/swarm.ts';
import { localFiles } from './adapters/files.ts';
import { tlsHandshakes } from './adapters/handshakes.ts';
import { createHttp } from './adapters/http.ts';
import { kernelLock } from './adapters/kernel-lock.ts';
import { systemRandom } from './adapters/random.ts';
import { loopbackRelay } from './adapters/relay.ts';
import { systemSockets } from './adapters/sockets.ts';
import { wasmSqlite } from './adapters/sqlite.ts';
import { peculiarX509 } from './adapters/x509.ts';
import type { World } from './app/world.ts';

/** The real things behind the ports. Adapters load their libraries at the first use. */
export const realWorld = (
  given: Pick<World, 'packageRoot' | 'workingFolder' | 'emit' | 'signal'>,
): World => ({
  engine: dockerEngine(process.env),
  engineData: engineData(process.env),
  imagePrograms: imagePrograms(process.env),
  imageRemoval: imageRemoval(process.env),
  imageTransfer: imageTransfer(process.env),
  archiveFiles: localArchiveFiles,
  compose: composePlugin(process.env),
  files: localFiles,
  http: createHttp(),
  handshakes: tlsHandshakes,
  clock: systemClock,
  random: systemRandom,
  sqlite: wasmSqlite,
  x509: peculiarX509,
  lock: kernelLock(systemClock),
  commands: localCommands(process.env),
  buildContexts: localBuildContexts,
  sockets: systemSockets,
  swarm: engineSwarm(process.env),
  relay: loopbackRelay,
  environment: process.env,
  user: process.getuid?.() ?? null,
  platform: process.platform,
  ...given,
});
