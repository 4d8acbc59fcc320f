/**
 * Approved commands that wait until a command fewer runs, in the order in which this gateway took them from the queue.
 * Whoever waits here holds a slot of its agent's queue and starts at once when told; as many as would leave others no
 * slot come back later instead. Nothing is lost with it: who waits is taken from the queue again, here or elsewhere.
 */

/** What is waited for: a command of the connection fewer, or an instance of the agent with room. */
export interface Place {
  agent: string;
  connection?: string | undefined;
}

export interface Turn {
  /** Resolves once it is worth another try: when something was freed since the last one, or `until` has come. */
  next(place: Place, until: Date, signal: AbortSignal): Promise<void>;
  /** The run has begun, or waits no longer. */
  leave(): void;
}

export interface WaitingRuns {
  /** Undefined: enough of them wait here. */
  enter(place: Place): Turn | undefined;
  /** Something ended there, or more may run: the first who waits for it tries. */
  freed(place: Place): void;
  /** Something may have been freed unheard. */
  freedAll(): void;
}

/** Of the 500 slots that the gateway has for an agent. */
const most = { connection: 20, agent: 200 };
const maxTimerMs = 2 ** 31 - 1;

interface Waiting {
  place: Place;
  /** Something was freed since it last tried. */
  isTold: boolean;
  wake: () => void;
}

export function createWaitingRuns(): WaitingRuns {
  /** First come, first told. */
  const waiting = new Set<Waiting>();
  const isFor = (one: Waiting, { agent, connection }: Place): boolean =>
    one.place.agent === agent && (one.place.connection === undefined || one.place.connection === connection);

  const tell = (one: Waiting): void => {
    one.isTold = true;
    one.wake();
  };
  /** One for the connection, one for the agent; each passes it on when it does not use it up. */
  const freed = (place: Place): void => {
    const untold = [...waiting].filter((one) => !one.isTold && isFor(one, place));
    const first = [
      untold.find((one) => one.place.connection !== undefined),
      untold.find((one) => one.place.connection === undefined),
    ];
    for (const one of first) if (one) tell(one);
  };

  return {
    enter(place) {
      const ofAgent = [...waiting].filter((one) => one.place.agent === place.agent);
      const ofConnection = ofAgent.filter((one) => one.place.connection === place.connection);
      if (ofAgent.length >= most.agent || ofConnection.length >= most.connection) return undefined;
      const one: Waiting = { place, isTold: true, wake: () => undefined };
      waiting.add(one);
      return {
        async next(wanted, until, signal) {
          const before = one.place;
          one.place = wanted;
          // what it was told of and cannot take, as something else is full, is left to the others
          if (before.connection !== wanted.connection) freed(before);
          if (!one.isTold) await untilTold(one, until, signal);
          signal.throwIfAborted();
          one.isTold = false;
        },
        leave() {
          waiting.delete(one);
          freed(one.place);
        },
      };
    },
    freed,
    freedAll: () => waiting.forEach(tell),
  };
}

function untilTold(one: Waiting, until: Date, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      one.wake = () => undefined;
      resolve();
    };
    const timer = setTimeout(wake, Math.min(Math.max(0, until.getTime() - Date.now()), maxTimerMs));
    signal.addEventListener('abort', wake, { once: true });
    one.wake = wake;
    if (signal.aborted) wake();
  });
}
