/** The page: a login, or the views behind it. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Client } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import { ProblemNotice } from '../ui/notice.tsx';
import { ClientContext } from './context.ts';
import { Frame } from './frame.tsx';
import { Login } from './login.tsx';

type Session =
  | { readonly is: 'unknown' }
  | { readonly is: 'closed'; readonly why: string | undefined }
  | { readonly is: 'open' }
  | { readonly is: 'unreachable'; readonly problem: Problem };

export function App() {
  const client = useMemo(() => new Client(), []);
  const [session, setSession] = useState<Session>({ is: 'unknown' });

  useEffect(() => {
    client.onSessionEnded = () => setSession({ is: 'closed', why: 'The session has ended: log in again.' });
    client.resume().then(
      (found) => setSession(found === undefined ? { is: 'closed', why: undefined } : { is: 'open' }),
      (error: unknown) => {
        if (error instanceof Problem) setSession({ is: 'unreachable', problem: error });
      },
    );
  }, [client]);

  if (session.is === 'unknown') return <p class="waiting">…</p>;
  if (session.is === 'unreachable')
    return <ProblemNotice problem={session.problem} onRetry={() => location.reload()} />;
  return (
    <ClientContext.Provider value={client}>
      {session.is === 'open' ? (
        <Frame onLogOut={() => setSession({ is: 'closed', why: 'You are logged out.' })} />
      ) : (
        <Login why={session.why} onOpen={() => setSession({ is: 'open' })} />
      )}
    </ClientContext.Provider>
  );
}
