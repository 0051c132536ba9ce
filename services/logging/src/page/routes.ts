/** The page on the administration listener. It is code only and needs no session; what it shows does. */
import type { FastifyInstance } from 'fastify';
import { HttpProblem } from '../http/problem.ts';
import type { Page } from './files.ts';
import { VIEW_PATHS } from './paths.ts';

/** The name of an asset changes with its content. */
const FOREVER = 'public, max-age=31536000, immutable';

export function registerPage(app: FastifyInstance, page: Page): void {
  for (const path of Object.values(VIEW_PATHS)) {
    app.get(path, async (_request, reply) => reply.type('text/html; charset=utf-8').send(page.html));
  }
  app.get('/assets/:name', async (request, reply) => {
    const { name } = request.params as { readonly name: string };
    const asset = page.assets.get(name);
    if (asset === undefined) throw new HttpProblem(404, 'NOT_FOUND', 'there is nothing at this path');
    return reply.type(asset.type).header('cache-control', FOREVER).send(asset.body);
  });
}
