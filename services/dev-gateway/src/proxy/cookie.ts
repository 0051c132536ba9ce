import type { HeaderList } from './header-list.ts';

/** The value of a cookie that the client sent; the first of that name counts. */
export const cookieOf = (headers: HeaderList, name: string): string | undefined => {
  for (const part of (headers.get('cookie') ?? '').split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
};
