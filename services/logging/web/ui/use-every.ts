/** Does something again and again, while somebody looks. */
import { useEffect } from 'preact/hooks';

export function useEvery(seconds: number, deed: () => void): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) deed();
    }, seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds, deed]);
}
