import { describe, expect, it } from 'vitest';
import { lineDifferences, tableDifferences } from '../../../src/backup/compare.ts';
import { dumpDatabase, readTables, restoreDatabase, withoutOwner } from '../../../src/backup/database.ts';
import { refuseUnfit, type Target } from '../../../src/backup/manifest.ts';
import { halfBlocks, isWorthKeeping } from '../../../src/backup/metrics-blocks.ts';
import type { Manifest } from '../../../src/backup/model.ts';
import {
  backupName,
  isBackupName,
  isUnfinishedName,
  unfinishedName,
  verifiedName,
} from '../../../src/backup/names.ts';
import { surplus } from '../../../src/backup/retention.ts';
import { facts } from '../../support/backup-archive.ts';

const backup = (sequence: number, isVerified = false) => ({ name: `b-${sequence}`, sequence, isVerified });

describe('retention', () => {
  it('keeps the newest, and takes the oldest away', () => {
    expect(surplus([backup(1), backup(2), backup(3)], 2).map(({ name }) => name)).toEqual(['b-1']);
  });

  it('never takes the last verified one, however old it is', () => {
    const backups = [backup(1, true), backup(2, true), backup(3), backup(4), backup(5)];
    expect(surplus(backups, 1).map(({ name }) => name)).toEqual(['b-4', 'b-3', 'b-1']);
  });

  it('goes by the numbers, so that a clock that was moved back deletes nothing new', () => {
    const names = ['2030-01-01T00:00:00.000Z', '2030-01-02T00:00:00.000Z', '2021-01-01T00:00:00.000Z'].map(
      (at, index) => backupName('shop', at, index + 1),
    );
    const backups = names.map((name, index) => ({ name, sequence: index + 1, isVerified: index === 1 }));
    expect(surplus(backups, 1).map(({ name }) => name)).toEqual([names[0]]);
  });

  it('keeps one even where none should be kept', () => {
    expect(surplus([backup(1)], 0)).toEqual([]);
  });
});

describe('names', () => {
  it('say project, time and number, and are told from what is unfinished and from notes', () => {
    const name = backupName('my-shop_2', '2026-11-26T15:04:12.345Z', 7);
    expect(name).toBe('my-shop_2-20261126T150412Z-7.apictl');
    expect(isBackupName(name)).toBe(true);
    expect(isBackupName(unfinishedName(name))).toBe(false);
    expect(isUnfinishedName(unfinishedName(name))).toBe(true);
    expect(isBackupName(verifiedName(name))).toBe(false);
    expect(isUnfinishedName('.verify')).toBe(false);
  });
});

describe('a backup that does not fit', () => {
  const target: Target = { project: 'shop', flavour: 'embedded', postgresMajor: 17, kongVersion: null };
  const manifest = { ...facts(), createdAt: '', members: [] } as Manifest;
  const refusal = (given: Partial<Target>) => () =>
    refuseUnfit(manifest, { ...target, ...given }, '/b.apictl');

  it('is refused with both sides', () => {
    expect(refusal({ project: 'other' })).toThrow('a backup of the project "shop", and this is "other"');
    expect(refusal({ flavour: 'official' })).toThrow(
      'made with embedded images, and this project runs official ones',
    );
    expect(refusal({ postgresMajor: 13 })).toThrow(
      'made with PostgreSQL 17.5, and PostgreSQL 13 would run here',
    );
    expect(refusal({ kongVersion: '3.7.1' })).toThrow(
      'of Kong 3.8.0, and the older Kong 3.7.1 would run here',
    );
  });

  it('is taken by the same and by a newer Kong', () => {
    for (const kongVersion of [null, '3.8.0', '3.8.9', '3.10.0', '4.0.0'])
      expect(refusal({ kongVersion })).not.toThrow();
  });
});

describe('the comparison of tables', () => {
  const table = (name: string, rows = 1, checksum = '5') => ({ table: name, rows, checksum });

  it('names every table that is not as it was', () => {
    expect(
      tableDifferences(
        'kong',
        [table('a'), table('b'), table('c', 3), table('d')],
        [table('a'), table('c', 2), table('d', 1, '6'), table('e')],
      ),
    ).toEqual([
      'kong: table b is missing',
      'kong: table c has 2 rows instead of 3',
      'kong: table d has as many rows as it had, and not the same ones',
      'kong: table e is there, and was not in the backup',
    ]);
  });

  it('shows lines that only one side has', () => {
    expect(lineDifferences('a\nb\nc', 'a\nc\nd', 9)).toEqual(['- b', '+ d']);
    expect(lineDifferences('a\nb\nc', '', 1)).toEqual(['- a']);
  });
});

describe('what PostgreSQL says', () => {
  it('is read as the facts of its tables, whatever else is said', () => {
    const line = '{"table" : "public.routes", "rows" : 3, "checksum" : "-12"}';
    expect(readTables('kong', `NOTICE: hello\n${line}\n`)).toEqual([
      { table: 'public.routes', rows: 3, checksum: '-12' },
    ]);
  });

  it('is a failure where the dump failed, with its last words', () => {
    expect(() => readTables('kong', 'pg_dump: error: lock timeout\ndump failed\n')).toThrow(
      expect.objectContaining({
        code: 'DUMP_FAILED',
        exitCode: 5,
        details: ['pg_dump: error: lock timeout'],
      }),
    );
  });

  it('never has a name of a database in a command', () => {
    const name = '$(touch /tmp/x)"; DROP DATABASE kong; --';
    for (const argv of [dumpDatabase(name), restoreDatabase(name)])
      expect(argv.filter((word) => word.includes('touch'))).toEqual([name]);
  });

  it('makes the other roles and leaves the owner as it is', () => {
    const sql = "CREATE ROLE kong;\nALTER ROLE kong WITH SUPERUSER PASSWORD 'x';\nCREATE ROLE kong_reader;\n";
    expect(withoutOwner(sql)).toBe('CREATE ROLE kong_reader;\n');
  });
});

describe('Prometheus’ folder', () => {
  const block = '01HQZK3V5W8X9Y0ZABCDEFGHJK';

  it('is saved as its blocks and its log', () => {
    expect([`${block}/index`, 'wal/00000001', 'wal/checkpoint.00000007/00000000'].every(isWorthKeeping)).toBe(
      true,
    );
    for (const path of [
      'lock',
      'queries.active',
      'chunks_head/000001',
      `${block}.tmp-for-deletion/index`,
      'wal/checkpoint.8.tmp/0',
    ])
      expect(isWorthKeeping(path), path).toBe(false);
  });

  it('loses a block that was deleted while it was copied', () => {
    const whole = ['chunks/000001', 'index', 'meta.json'].map((part) => `${block}/${part}`);
    expect([...halfBlocks([...whole, 'wal/00000001'])]).toEqual([]);
    for (const missing of whole)
      expect([...halfBlocks(whole.filter((path) => path !== missing))]).toEqual([block]);
  });
});
