import type { SessionDetail } from '#shared/api-schemas.ts';
import { exitCodes } from '#shared/errors.ts';
import { signedInClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { createSink } from '../exec/sink.ts';
import { checkArguments, durationOption } from '../options.ts';
import { recordedChunks } from '../recording/chunks.ts';
import { exportRecording } from '../recording/export.ts';
import { Player } from '../recording/player.ts';
import { findRecorded } from '../recording/session.ts';
import { LocalTerminal } from '../screen/local-terminal.ts';
import { say, usageError } from '../terminal.ts';

interface ReplayOptions {
  speed: string;
  skipIdle: string | false;
  export?: 'asciicast' | 'text';
  output?: string;
}

const fastest = 1000;
const keys = { interrupt: '\u0003', quit: 'q', pause: ' ' };

export async function sessionsReplayCommand({ args, options }: CommandCall<ReplayOptions>): Promise<number> {
  checkArguments(args, 1, 'one session at a time');
  const speed = speedOption(options.speed);
  const longestPauseMs = options.skipIdle === false ? Infinity : durationOption('--skip-idle', options.skipIdle) * 1000;
  if (options.output !== undefined && options.export === undefined) {
    throw usageError('--output is where --export writes to; name its format: --export asciicast or --export text.');
  }
  const client = signedInClient();
  const session = await findRecorded(client, args[0] ?? '');
  if (options.export !== undefined) {
    await exportRecording(client, session, options.export, options.output);
    return exitCodes.ok;
  }
  const chunks = recordedChunks(client, session.id);
  const onTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY);
  if (onTerminal) sayTooSmall(session);
  const timing = { speed, longestPauseMs };
  return onTerminal ? playOnTerminal(chunks, timing, session.terminal) : play(chunks, timing);
}

function speedOption(text: string): number {
  const speed = Number(text);
  if (/^\d*\.?\d+$/.test(text) && speed > 0 && speed <= fastest) return speed;
  throw usageError(`--speed takes a number above 0 and up to ${fastest}, not ${JSON.stringify(text)}.`);
}

function sayTooSmall({ envelope: { terminal } }: SessionDetail): void {
  const here = LocalTerminal.size();
  if (!terminal || (here.columns >= terminal.columns && here.rows >= terminal.rows)) return;
  say(
    `It was recorded on a terminal of ${terminal.columns}x${terminal.rows}; ` +
      `on this one of ${here.columns}x${here.rows} lines may break elsewhere.`,
  );
}

type Chunks = ReturnType<typeof recordedChunks>;
type Timing = { speed: number; longestPauseMs: number };

async function play(chunks: Chunks, timing: Timing): Promise<number> {
  const sink = createSink(false);
  await new Player({ ...timing, show: (stream, data) => sink.output({ stream, offset: 0, data }) }).play(chunks);
  return exitCodes.ok;
}

/** Raw, so that answers of the terminal to what is played are no keys for the shell; and as it was at the end. */
async function playOnTerminal(chunks: Chunks, timing: Timing, wasTerminal: boolean): Promise<number> {
  let status: number = exitCodes.ok;
  const leave = (as: number) => {
    status = as;
    player.stop();
  };
  const terminal = new LocalTerminal({
    onInput: (data) => {
      const typed = data.toString('latin1');
      // an answer of the terminal to what is played
      if (typed.startsWith('\u001b')) return;
      for (const key of typed) {
        if (key === keys.interrupt) leave(exitCodes.interrupted);
        else if (key === keys.quit) leave(exitCodes.ok);
        else if (key === keys.pause) player.togglePause();
      }
    },
    onGone: () => leave(exitCodes.interrupted),
  });
  const player = new Player({
    ...timing,
    show: (_stream, data) => terminal.write(wasTerminal ? data : newLines(data)),
  });
  terminal.open();
  try {
    await player.play(chunks);
  } finally {
    terminal.close();
  }
  return status;
}

/** A raw terminal does not go back to the left by itself. */
function newLines(data: Buffer): Buffer {
  return Buffer.from(data.toString('latin1').replace(/\n/g, '\r\n'), 'latin1');
}
