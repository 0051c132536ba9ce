import { bytes } from '../../../core/bytes.ts';

const TOLD_EVERY_BYTES = 64 * 1024 ** 2;

/** Tells of a stream now and then, not at every piece. */
export function telling(tell: (text: string) => void, whole: number | null): (done: number) => void {
  let next = TOLD_EVERY_BYTES;
  return (done) => {
    if (done < next) return;
    next = done + TOLD_EVERY_BYTES;
    tell(whole === null ? bytes(done) : `${bytes(done)} of ${bytes(whole)}`);
  };
}
