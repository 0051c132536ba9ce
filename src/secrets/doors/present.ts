import { ApictlError, EXIT } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';

/** The value that data is encrypted with. @throws ApictlError SECRET_MISSING (7) where its file is lost */
export function presentValue(name: string, current: Secret | null): Secret {
  if (current !== null) return current;
  throw new ApictlError({
    code: 'SECRET_MISSING',
    exitCode: EXIT.secrets,
    message: 'its file is missing, and without the present value nothing can be decrypted',
    object: `secret ${name}`,
    hint: 'Put the file back, as from a backup.',
  });
}
