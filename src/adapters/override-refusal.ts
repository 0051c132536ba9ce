import { ApictlError, EXIT } from '../core/errors.ts';

/** `validating /shop/compose.override.yaml: services.kong Additional property environmnt is not allowed` */
const VALIDATING = /^validating (.*compose\.override\.yaml): (.+)$/m;
const UNKNOWN_KEY = /^(\S+) Additional property (\S+) is not allowed$/;

/** What Compose says of the keys of the user's override, before it makes anything; undefined where it failed otherwise. Pure. */
export function overrideRefusal(stderr: string): ApictlError | undefined {
  const [, file, said] = VALIDATING.exec(stderr) ?? [];
  if (file === undefined || said === undefined) return undefined;
  const [, path, key] = UNKNOWN_KEY.exec(said) ?? [];
  return new ApictlError({
    code: 'OVERRIDE_INVALID',
    exitCode: EXIT.usage,
    message: `compose.override.yaml: ${path === undefined ? said : `${path}: Compose knows no key "${key}"`}`,
    object: file,
    hint: 'Correct the file and run the command again; no container has been made or changed.',
  });
}
