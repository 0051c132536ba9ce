import { startPostgres } from '/work/main/services/dev-gateway/test/postgres.ts';
import { PostgresDatabase } from '/work/main/services/dev-gateway/src/store/postgres.ts';
import { startTestGateway, addressOf } from '/work/main/services/dev-gateway/test/gateway.ts';
import { readTape, tapeNames } from '/work/main/services/dev-gateway/test/contract/tape.ts';
import { playTape } from '/work/main/services/dev-gateway/test/contract/tape-player.ts';
import { rsaPair } from '/work/main/services/dev-gateway/test/certificates.ts';
const only = process.argv.slice(2);
const pg = await startPostgres();
try {
const [a,b]=[await rsaPair('a.test'), await rsaPair('b.test')];
for (const name of tapeNames().filter(n=>only.length? only.includes(n): !n.startsWith('proxy'))) {
  const db = new PostgresDatabase(pg.options, (t)=>console.log('notice',t));
  const gw = await startTestGateway(db);
  const r = await playTape(readTape(name), {admin: addressOf(gw.admin), proxy: undefined}, async()=>{}, {cert1:a.cert,key1:a.key,cert2:b.cert,key2:b.key});
  console.log(name, r.filter(x=>x.differences.length===0).length, '/', r.length);
  for (const s of r) if (s.differences.length) console.log('  ', s.step, s.title, '\n      ', s.differences.slice(0,4).join('\n       '));
  await gw.stop(); await db.close();
}
} finally { await pg.remove(); }
