/** `backend-2` before `backend-10`. */
export const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
