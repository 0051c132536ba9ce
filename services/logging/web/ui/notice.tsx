/** What went wrong, and what to do. */
import type { Problem } from '../api/problem.ts';

export function ProblemNotice({
  problem,
  onRetry,
}: {
  readonly problem: Problem;
  readonly onRetry?: (() => void) | undefined;
}) {
  return (
    <div class="notice" role="alert">
      <p>
        <strong>{problem.message}</strong>
        {problem.hint === undefined ? '' : ` ${problem.hint}`}
      </p>
      {onRetry === undefined ? null : (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
