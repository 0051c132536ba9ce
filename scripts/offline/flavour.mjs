// node scripts/offline/flavour.mjs ARCHIVE: prints the flavour of its images, "official" or "embedded". apictl has checked it before.
import { closeSync, fstatSync, openSync } from 'node:fs';
import { entriesOf, readAt } from './tar.mjs';

const file = openSync(process.argv[2], 'r');
const { value: manifest } = entriesOf(file, 0, fstatSync(file).size).next();
console.log(JSON.parse(readAt(file, manifest.start, manifest.size).toString('utf8')).flavour);
closeSync(file);
