/** What both ends of a session's stream agree on, apart from the schemas of its events. */

/** WebSocket subprotocol under which output comes in binary frames (`output-frame.ts`). */
export const binarySubprotocol = 'hoop.binary.v1';

/** Close codes of the stream: 4401 not signed in, 4403 not allowed, 4404 no such session, 1012 come back (restart). */
export const streamClose = { notSignedIn: 4401, notAllowed: 4403, notFound: 4404, restart: 1012 } as const;

/** Seconds between two heartbeats of a stream: what a client may have, whatever it wishes for. */
export const heartbeatBounds = { fewest: 1, most: 60 } as const;
