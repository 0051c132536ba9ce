/** Words that the configuration and the command line both choose from. Apart from the schema, so that help needs no schema. */

export const PROFILES = ['core', 'monitoring', 'elk'] as const;
export type Profile = (typeof PROFILES)[number];

export const FLAVOURS = ['official', 'embedded'] as const;
export type Flavour = (typeof FLAVOURS)[number];
