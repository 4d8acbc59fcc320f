import { paths } from '#shared/api-schemas.ts';

/** Pages see no pings: they ask the gateway for a sign of life this often. */
export const heartbeatSeconds = 15;

/** Of the stream of a session from that byte on, with heartbeats. */
export function streamAddress(id: string, offset: number): string {
  const address = new URL(paths.stream(id, offset, heartbeatSeconds), window.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address.href;
}
