/** The agent's end of the line to one runner. */
import { connect, type Socket } from 'node:net';
import type { InputChunk } from '#shared/input-frame.ts';
import type { TerminalSize } from '#shared/terminal.ts';
import { readJsonLines, writeJsonLine } from './json-lines.ts';
import {
  fromRunner,
  oldestRunnerProtocol,
  runnerProtocolVersion,
  type Command,
  type FromRunner,
  type RunnerFile,
  type RunnerRef,
  type RunState,
  type ToRunner,
} from './runner-protocol.ts';

export type CommandSignal = Extract<ToRunner, { type: 'signal' }>['signal'];

export interface RunnerClient {
  ref: RunnerRef;
  protocol: number;
  /** The runs it held when the line was opened. */
  runs: RunState[];
  start(sessionId: string, command: Command): void;
  signal(sessionId: string, signal: CommandSignal): void;
  stop(sessionId: string, graceMs: number): void;
  /** It may run so long from now on. */
  limit(sessionId: string, seconds: number): void;
  /** Of a terminal. */
  attach(sessionId: string, client: string, size: TerminalSize): void;
  resize(sessionId: string, size: TerminalSize): void;
  input(sessionId: string, input: InputChunk): void;
  forget(sessionId: string): void;
  /** Stops all commands and ends the runner; gives how many there were. */
  shutdown(graceMs: number): Promise<number>;
  close(): void;
}

export interface RunnerEvents {
  onRun(run: RunState): void;
  /** The runner has seen a session before and did not start it. */
  onSeen(sessionId: string): void;
  /** A terminal has taken what a client sent below `offset`. */
  onInputAck(sessionId: string, client: string, offset: number): void;
  onClose(): void;
}

const helloMs = 5_000;

/** Resolves once the runner has answered; rejects when it does not, or is not the one that `file` names. */
export function connectRunner(file: RunnerFile, events: RunnerEvents): Promise<RunnerClient> {
  return new Promise((resolve, reject) => {
    const socket = connect(file.socket);
    const timer = setTimeout(() => socket.destroy(new Error('the runner does not answer')), helloMs);
    let client: RunnerClient | undefined;
    let onStopped: ((commands: number) => void) | undefined;

    socket.on('connect', () => say(socket, { type: 'hello', protocol: runnerProtocolVersion }));
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error('the runner closed the line'));
      onStopped?.(0);
      if (client !== undefined) events.onClose();
    });
    readJsonLines(socket, (value) => handle(fromRunner.parse(value)));

    function handle(message: FromRunner): void {
      if (message.type === 'hello') {
        clearTimeout(timer);
        const isKnown = message.protocol >= oldestRunnerProtocol && message.protocol <= runnerProtocolVersion;
        if (!isKnown || message.runner.id !== file.id) {
          socket.destroy(new Error('another runner, or one of a release that is not understood, answers'));
          return;
        }
        client = createClient(socket, message, (listener) => (onStopped = listener));
        resolve(client);
      } else if (message.type === 'run') events.onRun(message.run);
      else if (message.type === 'seen') events.onSeen(message.sessionId);
      else if (message.type === 'input_ack') events.onInputAck(message.sessionId, message.client, message.offset);
      else onStopped?.(message.commands);
    }
  });
}

function createClient(
  socket: Socket,
  hello: Extract<FromRunner, { type: 'hello' }>,
  whenStopped: (listener: (commands: number) => void) => void,
): RunnerClient {
  const { protocol, runner: ref, runs } = hello;
  /** A runner of protocol 1 has no terminals and would take the message for nonsense. */
  const sayToTerminal = (message: ToRunner) => {
    if (protocol >= 2) say(socket, message);
  };
  return {
    ref,
    protocol,
    runs,
    start: (sessionId, command) => say(socket, { type: 'start', sessionId, command }),
    signal: (sessionId, signal) => say(socket, { type: 'signal', sessionId, signal }),
    stop: (sessionId, graceMs) => say(socket, { type: 'stop', sessionId, graceMs }),
    limit: (sessionId, seconds) => say(socket, { type: 'limit', sessionId, seconds }),
    attach: (sessionId, client, { columns, rows }) =>
      sayToTerminal({ type: 'attach', sessionId, client, columns, rows }),
    resize: (sessionId, { columns, rows }) => sayToTerminal({ type: 'resize', sessionId, columns, rows }),
    input: (sessionId, { client, offset, data }) =>
      sayToTerminal({ type: 'input', sessionId, client, offset, data: data.toString('base64') }),
    forget: (sessionId) => say(socket, { type: 'forget', sessionId }),
    shutdown(graceMs) {
      return new Promise((resolve) => {
        whenStopped(resolve);
        if (socket.destroyed) resolve(0);
        else say(socket, { type: 'shutdown', graceMs });
      });
    },
    close: () => socket.destroy(),
  };
}

function say(socket: Socket, message: ToRunner): void {
  writeJsonLine(socket, message);
}
