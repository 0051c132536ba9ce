import { badRequest } from '../errors/admin-error.ts';
import type { PlainRecord } from '../schema/field.ts';
import { parseForm } from './form.ts';

/**
 * Reads the named parts of a `multipart/form-data` body as texts. Certificates are sent this way:
 * `curl -F cert=@tls.crt`.
 *
 * @throws AdminError when the boundary is missing
 */
export function parseMultipart(contentType: string, text: string): PlainRecord {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw badRequest('Cannot parse multipart body: its boundary is missing');
  const form = new URLSearchParams();
  for (const part of text.split(`--${boundary}`).slice(1, -1)) {
    const end = part.indexOf('\r\n\r\n');
    const name = /content-disposition:[^\r\n]*\bname="([^"]*)"/i.exec(part.slice(0, end))?.[1];
    if (end !== -1 && name !== undefined) form.append(name, part.slice(end + 4).replace(/\r\n$/, ''));
  }
  return parseForm(form.toString());
}
