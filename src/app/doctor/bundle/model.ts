import * as z from 'zod';

/** What `doctor --bundle FILE --json` prints; `manifest.json` in the archive says the same of what is in it. */
export const bundleResultSchema = z.object({
  file: z.string().describe('Absolute path.'),
  sizeBytes: z.number().int(),
  contents: z.array(
    z.object({
      path: z.string().describe('In the archive.'),
      what: z.string(),
      sizeBytes: z.number().int().describe('Unpacked.'),
    }),
  ),
  missing: z.array(z.object({ what: z.string(), why: z.string() })),
  findings: z.number().int().describe('Checks of "doctor" that failed; they are in doctor.json.'),
});
export type BundleResult = z.output<typeof bundleResultSchema>;

/** One file of the archive, before its secrets are taken out. */
export type Part =
  | { readonly kind: 'text'; readonly path: string; readonly what: string; readonly text: string }
  | { readonly kind: 'document'; readonly path: string; readonly what: string; readonly document: unknown }
  | { readonly kind: 'missing'; readonly what: string; readonly why: string };
