/** What every view may use. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { Client } from '../api/client.ts';

export const ClientContext = createContext(new Client());

export function useClient(): Client {
  return useContext(ClientContext);
}
