/** `GET /api/events`: tells the console which session changed, of those the person may see, and which list. */
import type { Response } from 'express';
import { z } from 'zod';
import { topicsForAll, type ConsoleEvent, type ConsoleTopic } from '#shared/console-events.ts';
import { isEndState } from '#shared/session-states.ts';
import { isAdmin } from '#core/context.ts';
import { sessionNow } from '#core/read-output.ts';
import { isVisibleTo, type UserRow } from '#core/visible-session.ts';
import type { ApiDeps } from './deps.ts';
import { createGatherer } from './gatherer.ts';
import { userRoute, type Route } from './route.ts';

const heartbeatMs = 25_000;
/** A line is made anew now and then, so that it never outlives a sign-in, or a change of groups, by much. */
const longestLifeMs = 10 * 60_000;
/** A list that changes all the time, such as that of a busy agent's runs, is told so this often. */
const togetherMs = 1000;
/** Bytes that may wait for a browser that does not read; it is sent away then, and refetches when it comes back. */
const bufferedBytes = 64 * 1024;

const dataLine = (event: ConsoleEvent): string => `data: ${JSON.stringify(event)}\n\n`;

interface Listener {
  user: UserRow;
  res: Response;
}

export function eventsRoute(deps: ApiDeps): Route {
  const listeners = new Set<Listener>();
  const changed = new Set<string>();
  let telling = false;
  let stopWatching: (() => void) | undefined;
  const topics = createGatherer<ConsoleTopic>(togetherMs, (topic) => {
    for (const listener of listeners) {
      if (topicsForAll.has(topic) || isAdmin(listener.user)) write(listener, dataLine({ kind: 'topic', topic }));
    }
  });

  const write = ({ res }: Listener, text: string): void => {
    if (res.writableLength > bufferedBytes) res.end();
    else res.write(text);
  };

  /** Each session is looked up once for all listeners, however often it changed meanwhile. */
  async function tell(): Promise<void> {
    for (const id of changed) {
      changed.delete(id);
      const session = await sessionNow(deps.core, id);
      if (!session) continue;
      // agents show what they run
      if (session.state === 'running' || isEndState(session.state)) topics.note('agents');
      for (const listener of listeners) {
        if (isVisibleTo(session, listener.user)) write(listener, dataLine({ kind: 'session', id }));
      }
    }
  }

  function sendAway(): void {
    for (const { res } of listeners) res.end();
  }

  function note(what: ConsoleEvent | undefined): void {
    // Something may have been missed: browsers refetch everything when they come back.
    if (what === undefined) return sendAway();
    if (what.kind === 'topic') return topics.note(what.topic);
    changed.add(what.id);
    wake();
  }

  function wake(): void {
    if (telling || changed.size === 0) return;
    telling = true;
    tell()
      .catch((error: unknown) => {
        deps.core.log.warn({ err: error }, 'events broke');
        changed.clear();
        sendAway();
      })
      .finally(() => {
        telling = false;
        wake();
      });
  }

  function listen(user: UserRow, res: Response): void {
    const listener = { user, res };
    listeners.add(listener);
    stopWatching ??= deps.feed.watchAll(note);
    deps.metrics.openStreams.inc({ kind: 'events' });
    const heartbeat = setInterval(() => write(listener, ': still here\n\n'), heartbeatMs);
    const life = setTimeout(() => res.end(), longestLifeMs);
    res.once('close', () => {
      clearInterval(heartbeat);
      clearTimeout(life);
      listeners.delete(listener);
      deps.metrics.openStreams.dec({ kind: 'events' });
      if (listeners.size > 0) return;
      stopWatching?.();
      stopWatching = undefined;
      topics.forget();
    });
  }

  return userRoute(
    {
      method: 'get',
      path: '/api/events',
      tag: 'Streams',
      summary:
        'Server-sent events: data is {"kind":"session","id"} whenever a session you may see changed, and {"kind":"topic","topic"} when tokens or what connections show may have changed (also by agents, plugins and users), for admins also when agents, plugins or users did',
      answer: z.string().optional(),
      contentType: 'text/event-stream',
    },
    async ({ identity, res }) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
      res.write('retry: 2000\n\n');
      listen(identity.user, res);
      return {};
    },
  );
}
