/** A backup in its folder. */
export interface KeptBackup {
  readonly name: string;
  readonly sequence: number;
  readonly isVerified: boolean;
}

/**
 * The backups that are too many: all but the newest `keep`, and never the newest one that was verified. The order is that of their
 * numbers and not of their dates, so a clock that was moved changes nothing. Pure.
 */
export function surplus(backups: readonly KeptBackup[], keep: number): readonly KeptBackup[] {
  const newestFirst = [...backups].sort((a, b) => b.sequence - a.sequence);
  const lastVerified = newestFirst.find(({ isVerified }) => isVerified);
  return newestFirst.slice(Math.max(1, keep)).filter((backup) => backup !== lastVerified);
}
