/** Which connections name channels of a plugin: they stay with them, whether it is configured or not. */
import type { ConnectionView } from '#shared/api-schemas.ts';

const shown = 10;

/** `2 connections keep their channels: bash (#ops), web (#ops, #sre).`; null: none has any. */
export function keptChannels(connections: ConnectionView[], plugin: string): string | null {
  const kept = connections.flatMap(({ name, plugins }) =>
    plugins.filter((p) => p.name === plugin && p.channels.length > 0).map((p) => `${name} (${p.channels.join(', ')})`),
  );
  if (kept.length === 0) return null;
  const more = kept.length > shown ? ` and ${kept.length - shown} more` : '';
  const count =
    kept.length === 1 ? '1 connection keeps its channels' : `${kept.length} connections keep their channels`;
  return `${count}: ${kept.slice(0, shown).join(', ')}${more}.`;
}
