import { createContext, useContext } from 'react';
import type { Client } from './api.ts';

export const ClientContext = createContext<Client | null>(null);

/** The workspace as the person of this tab sees it. */
export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error('used outside of the workspace');
  return client;
}
