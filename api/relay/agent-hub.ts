/**
 * The agents connected to this gateway. While at least one instance of an agent is here, the gateway polls the
 * agent's task queue on its behalf; an offline agent is a queue that waits.
 */
import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Logger } from 'pino';
import { agentFrame, agentProtocolVersion, type GatewayFrame } from '#shared/agent-protocol.ts';
import { HoopError } from '#shared/errors.ts';
import { parseJson } from '#shared/parse-json.ts';
import { mayForget } from '#core/agent-journal.ts';
import type { AgentLine } from '#core/agent-line.ts';
import type { Core } from '#core/context.ts';
import { signExtension } from '#core/sign-extension.ts';
import { takeUpRuns } from '#core/take-up-runs.ts';
import {
  connectAgent,
  disconnectAgent,
  noteDraining,
  outdatedConnections,
  type AgentHello,
  type ConnectedAgent,
} from '#core/enrol-agent.ts';
import type { GatewayKey } from '#core/gateway-key.ts';
import { createAgentConnection, type AgentConnection } from './agent-line.ts';
import { keepAlive, type KeptLine } from './keep-alive.ts';
import type { TerminalWay } from './keyboards.ts';
import { runOnLine } from './run-on-line.ts';
import type { FeedPublisher } from './session-feed.ts';

export interface AgentHub {
  /** Takes a new socket of an agent, from its challenge on. */
  accept(socket: WebSocket): void;
  /**
   * A line to an instance of the agent that is connected here: to the holder of `journalId`, or, for a new run, to the
   * one with the fewest runs of those that are not being stopped.
   */
  line(agentName: string, journalId: string | undefined): AgentLine | undefined;
  /** Passes SIGINT on when the session runs over this gateway. */
  interrupt(sessionId: string): void;
  /** Passes on how long it may run now, when the session runs over this gateway. */
  extended(sessionId: string): void;
  /** Whether the run of the session is on a line of this gateway. */
  carries(sessionId: string): boolean;
  /** Ends the lines here of instances of the agent that have dialled in elsewhere since, though nothing was heard of it. */
  fence(agentName: string): Promise<void>;
  /** To the terminals of the sessions that run over this gateway. */
  terminals: TerminalWay;
  /** Closes every line; agents dial in again, here or elsewhere. */
  close(): void;
  connected(): number;
  /** Of the lines that are here, as far as they were measured. */
  roundTrips(): { instanceId: string; epoch: number; roundTripMs: number }[];
}

export interface AgentHubOptions {
  core: Core;
  feed: FeedPublisher;
  gatewayId: string;
  gatewayKey: GatewayKey;
  log: Logger;
  /** The first instance of an agent came, or the last one went: somebody polls its queue, or stops to. */
  onAgent: (agentName: string, here: boolean) => void;
  /** The run of a session is on a line of this gateway, for the first time or again. */
  onLine: (sessionId: string) => void;
  /** The terminal of a session that runs over this gateway has taken what a client typed. */
  onInputTaken: (sessionId: string, client: string, offset: number) => void;
}

const helloWithinMs = 10_000;
/** Anybody may dial in: no more than this many hellos are waited for. */
const hellosAtOnce = 64;
const tryAgainLater = 1013;

export function createAgentHub(options: AgentHubOptions): AgentHub {
  const { core, feed, log } = options;
  const lines = new Map<string, AgentConnection>();
  let greeting = 0;
  const lineOf = (sessionId: string) => [...lines.values()].find((line) => line.has(sessionId));
  const here = (agentName: string) => [...lines.values()].filter((line) => line.agent.agentName === agentName);

  /** When each was last given a run: those that are equally busy take turns. */
  const givenAt = new WeakMap<AgentConnection, number>();
  let given = 0;
  /** Given to a run that is not on the line yet. */
  const promised = new WeakMap<AgentConnection, number>();
  const promise = (line: AgentConnection, by: 1 | -1) => promised.set(line, (promised.get(line) ?? 0) + by);
  const loadOf = (line: AgentConnection) => line.load() + (promised.get(line) ?? 0);
  const leastBusy = (of: AgentConnection[]): AgentConnection | undefined => {
    const turnOf = (line: AgentConnection) => givenAt.get(line) ?? 0;
    const ready = of.filter((line) => !line.isDraining());
    const [first] = ready.sort((a, b) => loadOf(a) - loadOf(b) || turnOf(a) - turnOf(b));
    if (first) givenAt.set(first, (given += 1));
    return first;
  };

  const welcome = (socket: WebSocket, agent: ConnectedAgent, kept: KeptLine): void => {
    // the newer connection of an instance fences the older one, whichever was greeted first
    const other = lines.get(agent.instanceId);
    if (other && other.agent.epoch > agent.epoch) return socket.terminate();
    other?.close();
    const first = here(agent.agentName).length === 0;
    const connection = createAgentConnection({
      socket,
      agent,
      kept,
      log,
      onDraining() {
        log.info({ agent: agent.agentName, instance: agent.instanceId }, 'agent is being stopped');
        noteDraining(core, agent).catch((error: Error) => log.warn({ err: error }, 'draining not recorded'));
      },
      onJournal: (runs) => void forgetAllEnded(core, connection, runs, log),
      onStrayExit: (sessionId) => void forgetEnded(core, connection, sessionId, log),
      onInputTaken: options.onInputTaken,
      onClose: () => {
        log.info({ agent: agent.agentName, instance: agent.instanceId }, 'agent disconnected');
        if (lines.get(agent.instanceId) === connection) lines.delete(agent.instanceId);
        if (here(agent.agentName).length === 0) options.onAgent(agent.agentName, false);
        disconnectAgent(core, agent).catch((error: Error) => log.warn({ err: error }, 'disconnection not recorded'));
      },
    });
    lines.set(agent.instanceId, connection);
    connection.send({
      type: 'welcome',
      agent: agent.agentName,
      instanceId: agent.instanceId,
      epoch: agent.epoch,
      gatewayKey: options.gatewayKey.publicKey,
    });
    log.info({ agent: agent.agentName, instance: agent.instanceId, epoch: agent.epoch }, 'agent connected');
    if (first) options.onAgent(agent.agentName, true);
    takeUpRuns(core, options.gatewayId, agent.instanceId).catch((error: Error) =>
      log.warn({ agent: agent.agentName, err: error }, 'the runs of an agent could not be looked up'),
    );
  };

  return {
    accept(socket) {
      const kept = keepAlive(socket);
      if (greeting >= hellosAtOnce) return socket.close(tryAgainLater, 'too many agents dial in at once');
      greeting += 1;
      greet(socket, async (nonce, hello) => {
        const agent = await connectAgent(core, options.gatewayId, nonce, hello);
        // gone meanwhile: nobody else would say so
        if (socket.readyState !== socket.OPEN) await disconnectAgent(core, agent);
        return agent;
      })
        .finally(() => (greeting -= 1))
        .then(
          (agent) => welcome(socket, agent, kept),
          (error: Error) => {
            const code = error instanceof HoopError ? error.code : 'unavailable';
            const message = error instanceof HoopError ? error.message : 'The gateway cannot take agents right now.';
            log.warn({ err: error }, 'an agent was refused');
            const frame: GatewayFrame = { type: 'refused', code, message };
            socket.send(JSON.stringify(frame));
            socket.close(4401, code);
          },
        );
    },
    line(agentName, journalId) {
      const connection =
        journalId === undefined
          ? leastBusy(here(agentName))
          : here(agentName).find((line) => line.agent.journalId === journalId);
      if (!connection) return undefined;
      const { instanceId, epoch, journalId: ofLine } = connection.agent;
      let isPromised = journalId === undefined;
      if (isPromised) promise(connection, 1);
      const kept = (): void => {
        if (isPromised) promise(connection, -1);
        isPromised = false;
      };
      return {
        instanceId,
        epoch,
        journalId: ofLine,
        agentName,
        run(sessionId, order, signals) {
          const onLine = () => options.onLine(sessionId);
          const run = runOnLine({ core, feed, connection, sessionId, order, signals, onLine });
          kept();
          return run;
        },
        unused: () => kept(),
        forget(sessionId) {
          // The line may have been made anew while the end was stored, and its journal been compared before that.
          const now = lines.get(instanceId);
          (now?.agent.journalId === ofLine ? now : connection).send({ type: 'forget', sessionId });
        },
      };
    },
    interrupt(sessionId) {
      lineOf(sessionId)?.send({ type: 'signal', sessionId, signal: 'SIGINT' });
    },
    extended(sessionId) {
      const connection = lineOf(sessionId);
      if (!connection) return;
      signExtension(core, options.gatewayKey.privateKey, sessionId).then(
        (signed) => signed && connection.send({ type: 'extend', sessionId, ...signed }),
        (error: Error) => log.warn({ sessionId, err: error }, 'an agent was not told of an extension'),
      );
    },
    carries: (sessionId) => lineOf(sessionId) !== undefined,
    async fence(agentName) {
      const held = here(agentName);
      if (held.length === 0) return;
      try {
        const agents = held.map(({ agent }) => agent);
        const outdated = await outdatedConnections(core, options.gatewayId, agents);
        held.filter(({ agent }) => outdated.includes(agent.instanceId)).forEach((line) => line.cut());
      } catch (error) {
        log.warn({ agent: agentName, err: error }, 'lines of an agent could not be compared');
      }
    },
    terminals: {
      attach(sessionId, client, size) {
        const connection = lineOf(sessionId);
        connection?.send({ type: 'attach', sessionId, client, ...size });
        return connection !== undefined;
      },
      resize(sessionId, size) {
        const connection = lineOf(sessionId);
        connection?.send({ type: 'resize', sessionId, ...size });
        return connection !== undefined;
      },
      input(sessionId, frame) {
        const connection = lineOf(sessionId);
        connection?.input(sessionId, frame);
        return connection !== undefined;
      },
    },
    close: () => lines.forEach((line) => line.close()),
    connected: () => lines.size,
    roundTrips: () =>
      [...lines.values()].flatMap((line) => {
        const { instanceId, epoch } = line.agent;
        const roundTripMs = line.roundTripMs();
        return roundTripMs === null ? [] : { instanceId, epoch, roundTripMs };
      }),
  };
}

/** Challenge and hello. Resolves once the agent is known; rejects with what to tell it. */
function greet(
  socket: WebSocket,
  connect: (nonce: string, hello: AgentHello) => Promise<ConnectedAgent>,
): Promise<ConnectedAgent> {
  const nonce = randomBytes(32).toString('base64');
  const challenge: GatewayFrame = { type: 'challenge', protocol: agentProtocolVersion, nonce };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new HoopError('invalid_input', 'No hello came in time.')), helloWithinMs);
    socket.once('close', () => reject(new Error('the agent hung up')));
    socket.once('message', (data) => {
      clearTimeout(timer);
      const hello = agentFrame.safeParse(parseJson(String(data)));
      if (!hello.success || hello.data.type !== 'hello')
        return reject(new HoopError('invalid_input', 'The first frame must be a hello.'));
      if (hello.data.protocol !== agentProtocolVersion) {
        return reject(
          new HoopError(
            'invalid_input',
            `The gateway speaks protocol ${agentProtocolVersion}; install the same version of the agent.`,
          ),
        );
      }
      connect(nonce, hello.data).then(resolve, reject);
    });
    socket.send(JSON.stringify(challenge));
  });
}

/** One after the other: a long journal must not take every connection to Postgres. */
async function forgetAllEnded(
  core: Core,
  connection: AgentConnection,
  runs: { sessionId: string }[],
  log: Logger,
): Promise<void> {
  for (const { sessionId } of runs) await forgetEnded(core, connection, sessionId, log);
}

async function forgetEnded(core: Core, connection: AgentConnection, sessionId: string, log: Logger): Promise<void> {
  try {
    if (await mayForget(core, sessionId)) connection.send({ type: 'forget', sessionId });
  } catch (error) {
    log.warn({ sessionId, err: error }, 'could not compare the journal of an agent');
  }
}
