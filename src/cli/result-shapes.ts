import { z } from 'zod';
import {
  createResultSchema,
  listResultSchema,
  restoreResultSchema,
  verifyResultSchema,
} from '../app/backup/model.ts';
import { deployPlanSchema, deployResultSchema, removeResultSchema } from '../app/deploy/model.ts';
import { bundleResultSchema } from '../app/doctor/bundle/model.ts';
import { checksSchema } from '../app/doctor/doctor.ts';
import { downResultSchema } from '../app/down.ts';
import { LOCK_STATES } from '../app/images/lock/states.ts';
import { pruneResultSchema } from '../app/images/prune.ts';
import { initResultSchema } from '../app/init.ts';
import { openResultSchema } from '../app/open-door.ts';
import { restartResultSchema } from '../app/rollout/restart.ts';
import { scaleResultSchema } from '../app/rollout/scale.ts';
import { secretsInitSchema } from '../app/secrets/init.ts';
import { rotationPreviewSchema, rotationResultSchema } from '../app/secrets/rotate.ts';
import { secretsVerifiedSchema } from '../app/secrets/verify.ts';
import { statusSchema } from '../app/status/model.ts';
import { upResultSchema } from '../app/up/model.ts';
import { FLAVOURS } from '../config/choices.ts';
import { SECRET_STATES } from '../secrets/model.ts';
import type { DrawnNode } from '../stack/graph/graph-text.ts';
import type { ImageRow } from '../stack/images/list.ts';

/** What every command prints with `--json`, by its words. docs/commands.md is made from them; tests hold the commands to them. */

const text = z.string();
const count = z.number().int();

const listOf = <T extends z.ZodType>(item: T) => z.array(item).readonly();

export const seedShape = z.object({
  created: count,
  updated: count,
  deleted: count,
  unchanged: count,
  writes: count.describe('Requests that changed Kong.'),
  changes: listOf(
    z.object({
      action: z.enum(['create', 'update', 'delete']),
      kind: text,
      name: text,
      direction: z.enum(['only-in-file', 'only-in-kong', 'changed']),
      fields: z
        .record(text, z.object({ from: z.unknown(), to: z.unknown() }))
        .describe('Dotted path -> what Kong has and what the file says; secrets are masked.'),
      within: listOf(z.object({ kind: text, name: text })).describe('What it lies in, the outermost first.'),
      declaredAt: text.optional().describe('File and line; absent for what is only in Kong.'),
    }),
  ),
  kept: listOf(z.object({ kind: text, name: text })).describe('Ours and in no file, but not to be deleted.'),
  verified: z
    .object({
      requests: count,
      failures: count,
      routes: listOf(
        z.object({
          route: text,
          door: z.enum(['http', 'https']).nullable(),
          ok: z.boolean().nullable().describe('Null where it cannot be told from the file.'),
          found: text,
        }),
      ),
    })
    .optional()
    .describe('With --verify.'),
});

const imageSchema = z.object({
  name: text,
  reference: text,
  origin: z.enum(['built', 'published']),
  state: z.enum(['current', 'missing', 'superseded']),
  sizeBytes: count.nullable(),
  created: text.nullable(),
  lock: z.enum(LOCK_STATES).nullable().describe('By images.lock; null without one, and for what is built.'),
}) satisfies z.ZodType<ImageRow>;

const nodeSchema = z.object({
  name: text,
  dependsOn: z.array(text),
  isJob: z.boolean(),
  wave: count.describe('1 for what waits for nothing; else one behind the last that it waits for.'),
  operation: z
    .object({
      action: z.enum(['create', 'recreate', 'restart', 'start', 'run', 'wait', 'keep']),
      why: text,
      interrupts: z.boolean(),
    })
    .nullable()
    .describe('What "up" would do; null where no engine was asked.'),
}) satisfies z.ZodType<DrawnNode>;

const servedShape = z
  .array(z.object({ name: text, service: text, serialNumber: text }))
  .describe('What the doors that stand open show now: the same as their files.');

const renewalShape = z.object({
  issued: z.array(
    z.object({
      name: text,
      why: text,
      serialNumber: text,
      notAfter: text,
      daysLeft: count,
    }),
  ),
  kept: z.array(text).describe('Looked at and left as they are.'),
  served: servedShape,
});

const archiveShape = {
  flavour: z.enum(FLAVOURS),
  platform: text.describe('As linux/amd64.'),
  packages: count.nullable().describe('npm packages of the clone that are in it; null without them.'),
};
const savedImageShape = z.object({
  reference: text,
  id: text,
  digest: text.nullable().describe('Under which its registry knows it; null for what was built or loaded.'),
  sizeBytes: count.describe('Unpacked, with the layers that it shares with others.'),
});

export const RESULT_SHAPES: Readonly<Record<string, z.ZodType>> = {
  up: upResultSchema,
  down: downResultSchema,
  status: statusSchema,
  scale: scaleResultSchema,
  restart: restartResultSchema,
  seed: seedShape,
  'seed apply': seedShape,
  'seed diff': seedShape,
  'seed validate': z.object({ entities: count }),
  smoke: checksSchema,
  doctor: z.union([checksSchema, bundleResultSchema.describe('With --bundle.')]),
  render: z.object({
    folder: text.optional(),
    written: z.array(text).optional().describe('Paths below the folder.'),
    stale: z.array(text).optional().describe('With --check, alone: what is not what would be written.'),
  }),
  deploy: z.union([deployResultSchema, deployPlanSchema.describe('With --dry-run.')]),
  'deploy rm': removeResultSchema,
  graph: z.array(nodeSchema),
  'images ls': z.object({ flavour: z.enum(FLAVOURS), images: z.array(imageSchema) }),
  'images build': z.object({ flavour: z.enum(FLAVOURS), built: z.array(text) }),
  'images prune': pruneResultSchema,
  'images pull': z.object({
    flavour: z.enum(FLAVOURS),
    pulled: z.array(text),
    present: z
      .array(text)
      .describe('Was there already; with --refresh, what the registry did not answer for.'),
  }),
  'images lock': z.object({
    file: text,
    images: z.array(z.object({ reference: text, digest: text, state: z.enum(['added', 'renewed', 'kept']) })),
    unlocked: z.array(text).describe('No registry knows them.'),
    removed: z.array(text).describe('The stack does not name them any more.'),
  }),
  'images save': z.object({
    file: text,
    sizeBytes: count,
    ...archiveShape,
    images: z.array(savedImageShape),
  }),
  'images load': z.object({
    file: text,
    ...archiveShape,
    images: z.array(
      savedImageShape.extend({
        state: z.enum(['loaded', 'present']).describe('Present: it was there as it was saved, before.'),
      }),
    ),
  }),
  'backup create': createResultSchema,
  'backup ls': listResultSchema,
  'backup verify': verifyResultSchema,
  restore: restoreResultSchema,
  'secrets ls': z.object({
    secrets: z.array(
      z.object({
        name: text,
        opens: text,
        state: z.enum(SECRET_STATES),
        ageSeconds: count.nullable(),
        path: text,
      }),
    ),
  }),
  'secrets init': secretsInitSchema,
  'secrets rotate': z.union([rotationResultSchema, rotationPreviewSchema]),
  'secrets verify': secretsVerifiedSchema,
  'secrets show': z.object({ name: text, value: text }),
  'certs ls': z.object({
    certificates: z.array(
      z.object({
        name: text,
        door: text.describe('What shows it.'),
        origin: z.enum(['authority', 'issued', 'imported']),
        state: z.enum(['valid', 'expired', 'missing', 'unreadable']),
        hosts: z.array(text),
        serialNumber: text.nullable(),
        notAfter: text.nullable(),
        daysLeft: count.nullable(),
      }),
    ),
  }),
  'certs check': z.object({
    ok: z.boolean().describe('Whether nothing was found.'),
    certificates: z.array(
      z.object({
        name: text,
        door: text.describe('What shows it.'),
        origin: z.enum(['authority', 'issued', 'imported']),
        daysLeft: count.nullable(),
        findings: z.array(z.object({ code: text, found: text, fix: text })),
      }),
    ),
  }),
  'certs issue': renewalShape,
  'certs renew': renewalShape,
  'certs import': z.object({
    name: text,
    serialNumber: text,
    hosts: z.array(text),
    notAfter: text,
    daysLeft: count,
    authority: text.describe('The authority to which it leads.'),
    served: servedShape,
  }),
  open: openResultSchema,
  init: initResultSchema,
  completion: z.object({ shell: z.enum(['bash', 'zsh', 'fish']), script: text }),
  'certs trust': z.object({
    authority: text.describe('Path of its certificate.'),
    steps: z.array(z.object({ client: text, command: text })),
  }),
};
