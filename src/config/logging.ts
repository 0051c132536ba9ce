import * as z from 'zod';

/** What the logging service masks besides what it knows by itself. */

export const logging = z
  .strictObject({
    maskKeys: z
      .array(
        z.string().regex(/^[^,\s]{1,128}$/, 'must be a name without spaces and commas, as "customer_number"'),
      )
      .max(200)
      .default([])
      .describe('Names of fields whose values are masked, besides those of credentials.'),
    maskPatterns: z
      .array(z.string().min(1).max(500))
      .max(50)
      .default([])
      .describe(
        'What is masked in any text, in RE2’s syntax: see [the logging service](logging.md#masking).',
      ),
  })
  .describe('The logging service.');
