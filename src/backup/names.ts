/** Names in the folder of backups. */

const BACKUP = /^[a-z0-9][a-z0-9_-]{0,40}-\d{8}T\d{6}Z-\d+\.apictl$/;
const UNFINISHED = /^\..+\.unfinished$/;

/** `shop-20261126T150412Z-7.apictl`: sorts by time, and the number keeps two of one second apart. */
export const backupName = (project: string, createdAt: string, sequence: number): string =>
  `${project}-${createdAt.replaceAll(/[-:]|\.\d+/g, '')}-${sequence}.apictl`;

export const isBackupName = (name: string): boolean => BACKUP.test(name);

/** What a backup is called before it is whole. */
export const unfinishedName = (name: string): string => `.${name}.unfinished`;
export const isUnfinishedName = (name: string): boolean => UNFINISHED.test(name);

/** The note beside a backup that says that it was restored and compared. */
export const verifiedName = (name: string): string => `${name}.verified`;
