/** What a container's exit code says, in words. Codes above 128 are signals. */
export function exitCodeInWords(exitCode: number): string {
  const known = MEANINGS[exitCode];
  if (known !== undefined) return known;
  if (exitCode > 128 && exitCode < 160) return `ended by signal ${exitCode - 128} (exit code ${exitCode})`;
  return exitCode < 0 ? 'was removed' : `ended with exit code ${exitCode}`;
}

const MEANINGS: Readonly<Record<number, string>> = {
  0: 'ended by itself with exit code 0, although it should go on running',
  78: 'found its configuration wrong (exit code 78)',
  125: 'could not be run by the engine (exit code 125)',
  128: 'could not be started by the engine (exit code 128)',
  132: 'executed an instruction that this processor lacks (signal 4, exit code 132)',
  134: 'aborted itself (signal 6, exit code 134)',
  137: 'was killed from outside (signal 9, exit code 137)',
  139: 'crashed with a segmentation fault (signal 11, exit code 139)',
  143: 'was stopped from outside (signal 15, exit code 143)',
};
