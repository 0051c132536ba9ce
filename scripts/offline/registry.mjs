// An npm registry on the loopback, of the few answers that "npm ci" asks for.
import { createServer } from 'node:http';
import { readAt } from './tar.mjs';

/** Serves these packages out of the file. Answers its URL and how to end it. */
export async function serveRegistry(file, packages) {
  const byName = new Map();
  for (const one of packages) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  const server = createServer(({ url = '/' }, response) => {
    const path = decodeURIComponent(url.slice(1));
    const tarball = /^-\/([0-9]+)\.tgz$/.exec(path);
    const wanted = tarball === null ? undefined : packages[Number(tarball[1])];
    if (wanted !== undefined) {
      response.setHeader('content-type', 'application/octet-stream');
      response.end(readAt(file, wanted.start, wanted.size));
    } else if (byName.has(path)) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(packument(path)));
    } else {
      response.statusCode = 404;
      response.end('{"error":"not in the archive"}');
    }
  });
  const packument = (name) => {
    const versions = byName
      .get(name)
      .map((one) => [
        one.version,
        { name, version: one.version, dist: { integrity: one.integrity, tarball: urlOf(one) } },
      ]);
    return { name, 'dist-tags': { latest: versions[0][0] }, versions: Object.fromEntries(versions) };
  };
  const urlOf = (one) => `${origin()}/-/${packages.indexOf(one)}.tgz`;
  const origin = () => `http://127.0.0.1:${server.address().port}`;
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `${origin()}/`, close };
}
