import * as z from 'zod';

/** Where backups go, for whom they are sealed, and how many are kept. */

export const backup = z
  .strictObject({
    folder: z
      .string()
      .min(1)
      .refine((path) => !path.split('/').includes('..'), 'must not lead out of its folder with ".."')
      .default('backups')
      .describe('Folder of the backups, relative to the project root, or absolute as a mounted disk.'),
    keep: z
      .int()
      .min(1)
      .max(1000)
      .default(7)
      .describe('How many are kept; the newest verified one stays besides, however old it is.'),
    recipients: z
      .array(z.string().regex(/^age1[0-9a-z]{20,3000}$/, 'must be an age recipient, as "age1..."'))
      .max(20)
      .default([])
      .describe('age recipients that backups are sealed for. Without one, a passphrase is asked for.'),
    metrics: z
      .boolean()
      .default(true)
      .describe('Whether what Prometheus has stored is saved too, which is the largest part.'),
  })
  .describe('Backups.');
