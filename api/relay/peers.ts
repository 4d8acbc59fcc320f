/**
 * The other gateways, as far as people here watch sessions whose agents they hold. Postgres says which gateway that is;
 * a notice says when it may be another one. Bytes come over the peer's line at once, and are in the rows in any case.
 */
import type { Logger } from 'pino';
import type { Core } from '#core/context.ts';
import { runPlaces, type RunPlace } from '#core/run-places.ts';
import type { TerminalWay } from './keyboards.ts';
import { createPeerLink, type PeerLink, type PeerLinkOptions } from './peer-link.ts';
import type { FeedPublisher } from './session-feed.ts';

export interface Peers {
  /** To the terminals of the sessions that run over other gateways. */
  terminals: TerminalWay;
  /** The state of a session changed: it may have begun to run. */
  onState(sessionId: string): void;
  /** An agent came or went, or notices were missed. */
  onMoved(): void;
  /** Gateways that are dialled. */
  linked(): number;
  close(): void;
}

export interface PeersOptions extends Pick<PeerLinkOptions, 'onLine' | 'onInputTaken' | 'timing'> {
  core: Pick<Core, 'db' | 'sealer'>;
  gatewayId: string;
  feed: FeedPublisher;
  log: Logger;
}

const lookAgainMs = 1000;

export function createPeers({ core, gatewayId, feed, log, onLine, onInputTaken, timing }: PeersOptions): Peers {
  /** What is watched here, and over which line it comes. */
  const watched = new Map<string, PeerLink | undefined>();
  const links = new Map<string, PeerLink>();
  const toLook = new Set<string>();
  /** Looked up for nothing; after a while it is tried again. */
  const later = new Set<string>();
  let looking = false;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  const linkTo = (peer: RunPlace): PeerLink => {
    const link: PeerLink =
      links.get(peer.gatewayId) ??
      createPeerLink({
        gatewayId,
        peer,
        sealer: core.sealer,
        log,
        onLine,
        onInputTaken,
        onChunk: (sessionId, chunk) => feed.publish(sessionId, { kind: 'output', chunk, fromPeer: true }),
        onRetry: look,
        onIdle: () => void (links.get(peer.gatewayId) === link && links.delete(peer.gatewayId)),
        ...(timing && { timing }),
      });
    links.set(peer.gatewayId, link);
    return link;
  };

  const move = (sessionId: string, place: RunPlace | undefined): void => {
    const before = watched.get(sessionId);
    // The lease of the other gateway may have lapsed while Postgres was away, and nobody says when it is renewed.
    if (before && !place) return lookLater([sessionId]);
    const link = place === undefined || place.gatewayId === gatewayId ? undefined : linkTo(place);
    if (link === before) return;
    before?.leave(sessionId);
    watched.set(sessionId, link);
    link?.watch(sessionId);
  };

  /** One gateway with an address that cannot be dialled is no reason to leave the others out. */
  const tryToMove = (sessionId: string, place: RunPlace | undefined): void => {
    try {
      move(sessionId, place);
    } catch (error) {
      log.error({ sessionId, peer: place, err: error }, 'the address of a peer gateway cannot be dialled');
    }
  };

  const lookLater = (sessionIds: Iterable<string>): void => {
    for (const id of sessionIds) later.add(id);
    if (closed) return;
    retry ??= setTimeout(() => {
      retry = undefined;
      const ids = [...later].filter((id) => watched.has(id));
      later.clear();
      look(ids);
    }, lookAgainMs);
  };

  /** Many sessions that are asked for meanwhile are looked up at once. */
  const look = (sessionIds: Iterable<string>): void => {
    for (const id of sessionIds) toLook.add(id);
    if (looking || closed || toLook.size === 0) return;
    looking = true;
    const ids = [...toLook];
    toLook.clear();
    runPlaces(core, ids)
      .then(
        (places) => {
          for (const id of ids) if (!closed && watched.has(id)) tryToMove(id, places.get(id));
        },
        (error: unknown) => {
          log.warn({ err: error }, 'could not look up which gateways hold agents');
          lookLater(ids);
        },
      )
      .finally(() => {
        looking = false;
        look([]);
      });
  };

  feed.watched((sessionId, isWatched) => {
    if (isWatched) {
      watched.set(sessionId, undefined);
      look([sessionId]);
    } else {
      watched.get(sessionId)?.leave(sessionId);
      watched.delete(sessionId);
    }
  });

  return {
    terminals: {
      attach: (sessionId, client, size) => watched.get(sessionId)?.attach(sessionId, client, size) ?? false,
      resize: (sessionId, size) => watched.get(sessionId)?.resize(sessionId, size) ?? false,
      input: (sessionId, frame) => watched.get(sessionId)?.input(sessionId, frame) ?? false,
    },
    onState(sessionId) {
      if (watched.has(sessionId) && watched.get(sessionId) === undefined) look([sessionId]);
    },
    onMoved: () => look(watched.keys()),
    linked: () => links.size,
    close() {
      closed = true;
      clearTimeout(retry);
      for (const link of links.values()) link.close();
      links.clear();
    },
  };
}
