/*
 * The labels that every container of a stack carries beside Compose's own. Networks and volumes carry none:
 * a label that changes there would cost containers their network, or the user a question about losing data.
 */

/** Tells whether a container was made from what is rendered now. */
export const DIGEST_LABEL = 'io.apictl.digest';
/** The image flavour that the project was brought up with. */
export const FLAVOUR_LABEL = 'io.apictl.flavour';
/**
 * How a service comes to read certificates that were replaced: a signal, as `SIGHUP`, or `itself` where it looks for itself.
 * Without it the container is made anew.
 */
export const RELOAD_LABEL = 'io.apictl.certificates';
/** Folders of certificates, separated by commas, that such a service reads at its start only: when they change its container is made anew. */
export const READ_ONCE_LABEL = 'io.apictl.certificates-read-once';
export const MANAGED_LABEL = 'io.apictl.managed';
/**
 * Secrets, separated by commas, whose change the container outlives: it takes a new value while it runs, or needed the value at
 * its first start only. They are left out of its digest.
 */
export const LIVE_SECRETS_LABEL = 'io.apictl.live-secrets';
