/** Where each view of the page lives; the listener answers all of them with the same document. */

export const VIEW_PATHS = {
  search: '/',
  trace: '/trace',
  overview: '/overview',
  alerts: '/alerts',
  pipeline: '/pipeline',
} as const;

export type View = keyof typeof VIEW_PATHS;
