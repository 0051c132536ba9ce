import type { Secret } from '../core/secret.ts';

/** What a secret opens, where it runs. */
export interface Door {
  /** Whether a login with this value is let in; absent where there is nothing to log in to. @throws ApictlError where nobody says so or no */
  opens?(value: Secret): Promise<boolean>;
  /** Absent where nothing but the secret's readers has the value: they are made anew first, and the login is tried after. */
  readonly holding?: Holding;
}

/** A door that somebody logs in to. */
export type LoginDoor = Door & Required<Pick<Door, 'opens'>>;

/** How a door that keeps the value itself is given another. Each may be called again after it was broken off at any point. */
export interface Holding {
  /** Makes `next` valid. `current` is null where its file is lost, which not every door can do without. */
  admit(current: Secret | null, next: Secret): Promise<void>;
  /** After `next` lies in its file and its readers have it: takes away what was needed meanwhile. */
  retire(next: Secret): Promise<void>;
  /** Instead of all that: as if `next` had never been. */
  undo(current: Secret, next: Secret): Promise<void>;
}
