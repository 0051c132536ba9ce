/** What a container's exit code says, in words. Codes above 128 are signals. */
export function exitCodeInWords(exitCode: number): string {
  const known = MEANINGS[exitCode];
  if (known !== undefined) return known;
  if (exitCode > 128 && exitCode < 160) return `ended by signal ${exitCode - 128}`;
  return `ended with exit code ${exitCode}`;
}

const MEANINGS: Readonly<Record<number, string>> = {
  0: 'ended by itself with exit code 0, although it should go on running',
  125: 'the engine could not run the container (exit code 125)',
  126: 'its command cannot be executed (exit code 126)',
  127: 'its command was not found in the image (exit code 127)',
  134: 'aborted itself (signal 6, exit code 134)',
  137: 'was killed (signal 9, exit code 137)',
  139: 'crashed with a segmentation fault (signal 11, exit code 139)',
  143: 'was asked to end (signal 15, exit code 143)',
};
