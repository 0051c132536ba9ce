import type { Emit } from '../core/events.ts';
import type { ArchiveFiles } from '../core/ports/archive-files.ts';
import type { BuildContexts } from '../core/ports/build-contexts.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Commands } from '../core/ports/commands.ts';
import type { Compose } from '../core/ports/compose.ts';
import type { Engine } from '../core/ports/engine.ts';
import type { EngineData } from '../core/ports/engine-data.ts';
import type { Files } from '../core/ports/files.ts';
import type { Handshakes } from '../core/ports/handshakes.ts';
import type { Http } from '../core/ports/http.ts';
import type { ImagePrograms } from '../core/ports/image-programs.ts';
import type { ImageRemoval } from '../core/ports/image-removal.ts';
import type { ImageTransfer } from '../core/ports/image-transfer.ts';
import type { Lock } from '../core/ports/lock.ts';
import type { Random } from '../core/ports/random.ts';
import type { Relay } from '../core/ports/relay.ts';
import type { Sockets } from '../core/ports/sockets.ts';
import type { Sqlite } from '../core/ports/sqlite.ts';
import type { Swarm } from '../core/ports/swarm.ts';
import type { X509 } from '../core/ports/x509.ts';

/** Everything outside the program, handed down from main.ts. Use cases take what they need of it. */
export interface World {
  readonly engine: Engine;
  readonly engineData: EngineData;
  readonly imagePrograms: ImagePrograms;
  readonly imageRemoval: ImageRemoval;
  readonly imageTransfer: ImageTransfer;
  readonly archiveFiles: ArchiveFiles;
  readonly compose: Compose;
  readonly files: Files;
  readonly http: Http;
  readonly handshakes: Handshakes;
  readonly clock: Clock;
  readonly random: Random;
  readonly x509: X509;
  readonly lock: Lock;
  readonly commands: Commands;
  readonly buildContexts: BuildContexts;
  readonly sockets: Sockets;
  readonly sqlite: Sqlite;
  readonly swarm: Swarm;
  readonly relay: Relay;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where compose/, kong/, monitoring/, elk/ and services/ of this installation lie. */
  readonly packageRoot: string;
  readonly workingFolder: string;
  /** User id of this process; null where the system has no such number. */
  readonly user: number | null;
  /** `linux`, `darwin`, `win32`. */
  readonly platform: string;
  readonly emit: Emit;
  /** Aborts at SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}
