/** The gateway says which session changed (`GET /api/events`); what shows it is fetched again. */
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { consoleEvent, type ConsoleEvent } from '#shared/console-events.ts';
import { parseJson } from '#shared/parse-json.ts';
import { firstRunMayHaveChanged } from '../data/first-run.ts';
import { sessionChanged } from '../data/sessions.ts';
import { meQuery } from '../data/sign-in.ts';

const eventsPath = '/api/events';

/** While there is no line, changes may be missed. */
const refetchAll = (client: QueryClient) => void client.invalidateQueries();

/** Queries of a topic have its name as the first part of their key. */
function apply(client: QueryClient, event: ConsoleEvent): void {
  if (event.kind === 'session') sessionChanged(client, event.id);
  else void client.invalidateQueries({ queryKey: [event.topic] });
  firstRunMayHaveChanged(client);
}

function listen(client: QueryClient): () => void {
  let dropped = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  let source = open();

  function open(): EventSource {
    const next = new EventSource(eventsPath);
    next.onopen = () => {
      // The first time too: what changed between the first fetch and this line was told to nobody.
      refetchAll(client);
      dropped = false;
    };
    next.onmessage = ({ data }) => {
      const event = consoleEvent.safeParse(parseJson(data));
      if (event.success) apply(client, event.data);
    };
    next.onerror = () => {
      // Tells the banner or the sign-in page, whichever it is.
      if (!dropped) void client.refetchQueries({ queryKey: meQuery.queryKey });
      dropped = true;
      // The browser reconnects by itself unless the gateway answered with an error.
      if (next.readyState === EventSource.CLOSED) again = setTimeout(() => (source = open()), 5000);
    };
    return next;
  }
  return () => {
    clearTimeout(again);
    source.close();
  };
}

/**
 * Browsers allow few lines to one host: of the tabs that nobody sees one keeps a line, so that its title tells of what
 * waits; whichever has the lock. Where a browser has no locks, none does. Gives a function that lets go.
 */
function listenUnseen(client: QueryClient): () => void {
  const left = new AbortController();
  let letGo: (() => void) | undefined;
  const hold = () =>
    new Promise<void>((resolve) => {
      const stop = listen(client);
      letGo = () => {
        stop();
        resolve();
      };
    });
  // Whoever leaves the queue gets an error, which is nobody's concern.
  void navigator.locks?.request('hoop-unseen', { signal: left.signal }, hold).catch(() => undefined);
  return () => {
    left.abort();
    letGo?.();
  };
}

export function useLiveUpdates(): void {
  const client = useQueryClient();
  useEffect(() => {
    let hidden = document.hidden;
    let stop = hidden ? listenUnseen(client) : listen(client);
    const onVisibility = () => {
      if (document.hidden !== hidden) {
        hidden = document.hidden;
        stop();
        stop = hidden ? listenUnseen(client) : listen(client);
      }
      if (!hidden) refetchAll(client);
    };
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      stop();
    };
  }, [client]);
}
