/** A terminal: its kind and its size, bounded so that nothing odd reaches a pty. */
import { z } from 'zod';

export const terminalSize = z.object({
  columns: z.number().int().min(1).max(1000),
  rows: z.number().int().min(1).max(1000),
});
export type TerminalSize = z.infer<typeof terminalSize>;

export const terminalSchema = terminalSize.extend({
  /** TERM, e.g. `xterm-256color`. */
  type: z.string().regex(/^[A-Za-z0-9._+-]{1,64}$/, 'must be a name of a terminal as in TERM'),
});
export type Terminal = z.infer<typeof terminalSchema>;
