import type { ImageRemoval } from '../../core/ports/image-removal.ts';
import { connect } from './connect.ts';
import { findEndpoint } from './endpoint.ts';
import { engineError, statusOf } from './engine-errors.ts';

/** The ImageRemoval port over dockerode, on a connection of its own: it is used rarely. */
export function imageRemoval(environment: Readonly<Record<string, string | undefined>>): ImageRemoval {
  return {
    removeImage: async (reference) => {
      const endpoint = findEndpoint(environment);
      const { docker } = await connect(endpoint);
      try {
        await (await docker()).getImage(reference).remove({ force: false });
        return 'removed';
      } catch (thrown) {
        const status = statusOf(thrown);
        if (status === 404) return 'absent';
        if (status === 409) return 'in use';
        throw engineError(thrown, endpoint, `remove ${reference}`);
      }
    },
  };
}
