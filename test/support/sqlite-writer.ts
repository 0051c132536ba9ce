/**
 * A program that does nothing but write to an SQLite database, a transaction at a time, in the way that Grafana does: with a
 * journal that is rolled back. It prints a line for each; two accounts have the same sum at the end of every transaction.
 */
import sqlite from 'node-sqlite3-wasm';

const database = new sqlite.Database(process.argv[2]);
database.exec('PRAGMA journal_mode = DELETE');
database.exec('CREATE TABLE account (name TEXT PRIMARY KEY, amount INTEGER)');
database.exec("INSERT INTO account VALUES ('left', 1000000), ('right', 0)");
database.exec('CREATE TABLE move (number INTEGER PRIMARY KEY, note BLOB)');
for (let number = 1; ; number += 1) {
  database.exec('BEGIN');
  database.run("UPDATE account SET amount = amount - 1 WHERE name = 'left'");
  database.run('INSERT INTO move VALUES (?, ?)', [number, new Uint8Array(5_000)]);
  database.run("UPDATE account SET amount = amount + 1 WHERE name = 'right'");
  database.exec('COMMIT');
  process.stdout.write(`${number}\n`);
}
