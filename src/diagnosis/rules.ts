import type { Rule } from './model.ts';
import { badMount } from './recognisers/bad-mount.ts';
import { bootstrapCheck } from './recognisers/bootstrap-check.ts';
import { certificateUnusable } from './recognisers/certificate-unusable.ts';
import { checkCannotRun } from './recognisers/check-cannot-run.ts';
import { checkTooSlow } from './recognisers/check-too-slow.ts';
import { commandNotExecutable } from './recognisers/command-not-executable.ts';
import { commandNotFound } from './recognisers/command-not-found.ts';
import { configurationError } from './recognisers/configuration-error.ts';
import { connectionRefused } from './recognisers/connection-refused.ts';
import { crashLoop } from './recognisers/crash-loop.ts';
import { dataInUse } from './recognisers/data-in-use.ts';
import { databaseMissing } from './recognisers/database-missing.ts';
import { databasePassword } from './recognisers/database-password.ts';
import { diskFull } from './recognisers/disk-full.ts';
import { elasticPassword } from './recognisers/elastic-password.ts';
import { ended } from './recognisers/ended.ts';
import { flapping } from './recognisers/flapping.ts';
import { jvmHeap } from './recognisers/jvm-heap.ts';
import { mapCount } from './recognisers/map-count.ts';
import { migrationsMissing } from './recognisers/migrations-missing.ts';
import { missingImage } from './recognisers/missing-image.ts';
import { missingModule } from './recognisers/missing-module.ts';
import { nameNotFound } from './recognisers/name-not-found.ts';
import { networkTrouble } from './recognisers/network-trouble.ts';
import { neverStarted } from './recognisers/never-started.ts';
import { newerData } from './recognisers/newer-data.ts';
import { noContainer } from './recognisers/no-container.ts';
import { nodeHeap } from './recognisers/node-heap.ts';
import { notHealthy } from './recognisers/not-healthy.ts';
import { nothingListens } from './recognisers/nothing-listens.ts';
import { otherPostgresMajor } from './recognisers/other-postgres-major.ts';
import { outOfMemory } from './recognisers/out-of-memory.ts';
import { paused } from './recognisers/paused.ts';
import { portTaken } from './recognisers/port-taken.ts';
import { portTakenInside } from './recognisers/port-taken-inside.ts';
import { processLimit } from './recognisers/process-limit.ts';
import { readOnly } from './recognisers/read-only.ts';
import { refused } from './recognisers/refused.ts';
import { secretUnusable } from './recognisers/secret-unusable.ts';
import { stopped } from './recognisers/stopped.ts';
import { tooManyConnections } from './recognisers/too-many-connections.ts';
import { volumePermission } from './recognisers/volume-permission.ts';
import { wrongArchitecture } from './recognisers/wrong-architecture.ts';

/**
 * Every failure that is recognised. The first that knows it wins: what is certain comes before what names another service,
 * and the last ones know all.
 */
export const RULES: readonly Rule[] = [
  paused,
  noContainer,
  neverStarted,
  missingImage,
  portTaken,
  commandNotFound,
  commandNotExecutable,
  wrongArchitecture,
  badMount,
  networkTrouble,
  outOfMemory,
  stopped,
  jvmHeap,
  nodeHeap,
  diskFull,
  processLimit,
  mapCount,
  bootstrapCheck,
  secretUnusable,
  databasePassword,
  elasticPassword,
  otherPostgresMajor,
  dataInUse,
  newerData,
  certificateUnusable,
  configurationError,
  volumePermission,
  readOnly,
  migrationsMissing,
  databaseMissing,
  tooManyConnections,
  portTakenInside,
  missingModule,
  checkCannotRun,
  nameNotFound,
  connectionRefused,
  refused,
  crashLoop,
  ended,
  flapping,
  checkTooSlow,
  nothingListens,
  notHealthy,
];
