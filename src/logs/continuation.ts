/**
 * Which lines belong to the one before: stack traces are written line by line, and only their first line says a level.
 * One of these per stream of a container.
 */
export class Continuation {
  #isInTraceback = false;

  /** Whether the line goes on with what came before it. */
  next(text: string): boolean {
    const isIndented = /^\s/.test(text);
    if (PYTHON_TRACEBACK.test(text)) {
      this.#isInTraceback = true;
      return true;
    }
    if (this.#isInTraceback && !isIndented && text !== '') {
      // The one line of a Python traceback that is not indented is its last: the error itself.
      this.#isInTraceback = false;
      return PYTHON_ERROR.test(text);
    }
    return isIndented || text === '' || CONTINUING.test(text);
  }
}

const PYTHON_TRACEBACK = /^Traceback \(most recent call last\):/;
const PYTHON_ERROR = /^[A-Za-z_][\w.]*(?::|$)/;
/** Java's and Go's lines of a trace that are not indented. */
const CONTINUING =
  /^(?:Caused by: |Suppressed: |goroutine \d+ \[|created by |During handling of |The above exception )/;
