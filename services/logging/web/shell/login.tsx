/** The door: the administration token for a session. */
import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from '../api/problem.ts';
import { useClient } from './context.ts';

interface Refusal {
  readonly message: string;
  readonly hint: string | undefined;
}

/** Counts a refusal's seconds down to zero. */
function useWait(): [number, (seconds: number) => void] {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (seconds === 0) return undefined;
    const timer = setTimeout(() => setSeconds(seconds - 1), 1000);
    return () => clearTimeout(timer);
  }, [seconds]);
  return [seconds, setSeconds];
}

export function Login({ why, onOpen }: { readonly why: string | undefined; readonly onOpen: () => void }) {
  const client = useClient();
  const [refusal, setRefusal] = useState<Refusal>();
  const [isAsking, setAsking] = useState(false);
  const [waitSeconds, wait] = useWait();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const token = (field.current?.value ?? '').trim();
    if (token === '' || isAsking || waitSeconds > 0) return;
    setAsking(true);
    try {
      await client.logIn(token);
      onOpen();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setRefusal({ message: error.message, hint: error.hint });
      wait(error.retryAfterSeconds ?? 0);
      field.current?.select();
    } finally {
      setAsking(false);
    }
  };

  return (
    <main class="login">
      <h1>Logs</h1>
      <p>
        {why ?? 'Search the logs of the gateway and of the services behind it.'} The token comes from{' '}
        <code>apictl secrets show logging-admin-token</code>.
      </p>
      <form onSubmit={submit}>
        <label for="token">Administration token</label>
        <input
          id="token"
          ref={field}
          type="password"
          autocomplete="current-password"
          required
          aria-describedby="refusal"
          aria-invalid={refusal !== undefined}
        />
        <button type="submit" class="primary" disabled={isAsking || waitSeconds > 0}>
          Log in
        </button>
        <p id="refusal" class="refusal" role="alert">
          {refusal === undefined ? '' : `${sentence(refusal.message)} ${refusal.hint ?? ''}`}
          {waitSeconds > 0 ? ` Try again in ${waitSeconds} s.` : ''}
        </p>
      </form>
    </main>
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
