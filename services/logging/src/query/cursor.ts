/** Where a page of results ended: time and number of its last event, opaque to clients. */

export interface Cursor {
  readonly timestampUs: number;
  readonly sequence: number;
}

export function formatCursor(cursor: Cursor): string {
  return Buffer.from(`${cursor.timestampUs}.${cursor.sequence}`).toString('base64url');
}

/** undefined when the text was not made by `formatCursor`. */
export function parseCursor(text: string): Cursor | undefined {
  if (!/^[A-Za-z0-9_-]{4,64}$/.test(text)) return undefined;
  const match = /^(-?\d{1,16})\.(\d{1,16})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  return match === null ? undefined : { timestampUs: Number(match[1]), sequence: Number(match[2]) };
}
