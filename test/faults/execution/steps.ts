/** How far a command has come when something dies: what it runs, and how that moment is reached without guessing. */
import type { AgentLineProxy } from '../../support/agent-line-proxy.ts';

export type Step = (typeof steps)[number];
export const steps = ['ordered', 'accepted', 'started', 'halfway', 'in flight', 'stored', 'exited', 'ended'] as const;

export interface Moment {
  /** What stands in the title of a test. */
  title: string;
  script: string;
  exitCode: number;
  /** Lines of each stream that the script writes. */
  lines: number;
  /** Asked for before the command is: resolves once the moment is there. */
  reach(proxy: AgentLineProxy, cell: string): Promise<unknown>;
  /** The command waits at it until it is told to go on. */
  waits: boolean;
  /** What the command shows before it waits. */
  shows?: string;
}

/** Writes lines FROM to TO to both streams at once, as fast as it can; each line is a different one. */
const both = 'both() { seq -f "out %.0f" $1 $2 & seq -f "err %.0f" $1 $2 >&2; wait $!; }';
const begin = `echo $$ >> "$STARTS"; ${both}`;
const wait = 'read -r _ < "$GO"';

export const moments: Record<Step, Moment> = {
  ordered: {
    title: 'the order is on its way to the agent',
    script: `${begin}; both 1 500; exit 0`,
    exitCode: 0,
    lines: 500,
    reach: (proxy, cell) => proxy.hold(cell, 'order'),
    waits: false,
  },
  accepted: {
    title: 'the agent has accepted, and the command has not started',
    script: `${begin}; both 1 500; exit 7`,
    exitCode: 7,
    lines: 500,
    reach: (proxy, cell) => proxy.hold(cell, 'accepted'),
    waits: false,
  },
  started: {
    title: 'the command has started and written nothing',
    script: `${begin}; ${wait}; both 1 500; kill -TERM $$`,
    exitCode: 128 + 15,
    lines: 500,
    reach: () => Promise.resolve(),
    waits: true,
  },
  halfway: {
    title: 'half of the output has arrived',
    script: `${begin}; both 1 300; ${wait}; both 301 600; exit 3`,
    exitCode: 3,
    lines: 600,
    reach: () => Promise.resolve(),
    waits: true,
    shows: '300\n',
  },
  'in flight': {
    title: 'output is in flight at full speed',
    script: `${begin}; both 1 200000; ${wait}; exit 4`,
    exitCode: 4,
    lines: 200_000,
    reach: (proxy, cell) => proxy.hold(cell, 'output', 3),
    waits: true,
  },
  stored: {
    title: 'output is stored and not acknowledged',
    script: `${begin}; both 1 200000; ${wait}; kill -KILL $$`,
    exitCode: 128 + 9,
    lines: 200_000,
    reach: (proxy, cell) => proxy.hold(cell, 'ack'),
    waits: true,
  },
  exited: {
    title: 'the command has ended, and the gateway has not heard of it',
    // a child stays behind with the pipes open
    script: `${begin}; both 1 500; sleep 300 & exit 5`,
    exitCode: 5,
    lines: 500,
    reach: (proxy, cell) => proxy.hold(cell, 'exited'),
    waits: false,
  },
  ended: {
    title: 'the end is stored, and the agent may not forget it yet',
    script: `${begin}; both 1 500; exit 6`,
    exitCode: 6,
    lines: 500,
    reach: (proxy, cell) => proxy.hold(cell, 'forget'),
    waits: false,
  },
};

/** All that a stream carries when nothing is lost. */
export function written(stream: 'out' | 'err', { lines }: Moment): string {
  return Array.from({ length: lines }, (_, index) => `${stream} ${index + 1}\n`).join('');
}
