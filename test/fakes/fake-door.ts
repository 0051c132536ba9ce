import { Secret } from '../../src/core/secret.ts';
import type { LoginDoor } from '../../src/secrets/door.ts';

/**
 * A door that keeps one value, as a database does its password, and a guest's that is connected to it, as the gateway is. A guest may
 * come in by the value or by a second one that is there for the meantime.
 */
export function fakeDoor(initial: string) {
  const state = { value: initial, meantime: null as string | null, guest: initial };
  const letsIn = (value: string): boolean => value === state.value || value === state.meantime;
  const door: LoginDoor = {
    opens: async (value) => state.value === value.reveal(),
    holding: {
      admit: async (_current, next) => {
        state.meantime = next.reveal();
        state.guest = next.reveal();
        state.value = next.reveal();
      },
      retire: async (next) => {
        state.guest = next.reveal();
        state.meantime = null;
      },
      undo: async (current) => {
        state.value = current.reveal();
        state.guest = current.reveal();
        state.meantime = null;
      },
    },
  };
  return {
    door,
    state,
    guestIsIn: () => letsIn(state.guest),
    opensNow: (text: string) => door.opens(new Secret(text)),
  };
}
