/** Which view is shown, as the address says. */
import { VIEW_PATHS, type View } from '../../src/page/paths.ts';

export interface Place {
  readonly view: View;
  readonly query: URLSearchParams;
}

const BY_PATH = new Map(Object.entries(VIEW_PATHS).map(([view, path]) => [path as string, view as View]));

export function parsePlace(pathname: string, search: string): Place {
  return { view: BY_PATH.get(pathname) ?? 'search', query: new URLSearchParams(search) };
}

export function addressOf(view: View, query?: URLSearchParams): string {
  const text = query?.toString() ?? '';
  return text === '' ? VIEW_PATHS[view] : `${VIEW_PATHS[view]}?${text}`;
}
