/** Recordings for those who watch them later: how long each piece waits, and asciicast files. Pure. */
import { showArgv } from './argv-text.ts';
import type { OutputChunk } from './output-frame.ts';
import { terminalSize, type Terminal, type TerminalSize } from './terminal.ts';

/** Of recordings that were made without a terminal. */
export const sizeWithoutTerminal: TerminalSize = { columns: 80, rows: 24 };

/** The size that a piece of the stream `resize` names; null for what is none. */
export function readSize(data: Uint8Array): TerminalSize | null {
  const match = /^(\d{1,4})x(\d{1,4})$/.exec(new TextDecoder().decode(data));
  if (!match) return null;
  return terminalSize.safeParse({ columns: Number(match[1]), rows: Number(match[2]) }).data ?? null;
}

export interface PacingOptions {
  /** 2 plays twice as fast. */
  speed: number;
  /** Longer pauses of the recording are cut to this; milliseconds, `Infinity` for none. */
  longestPauseMs: number;
}

/** When each piece of a recording is due, in milliseconds since it began to be played. */
export class Pacing {
  private readonly options: PacingOptions;
  private recordedMs = 0;
  private due = 0;

  constructor(options: PacingOptions) {
    this.options = options;
  }

  /** `at`: of the next piece. One without a time, or earlier than the last, is due with it. */
  dueAt(at: number | undefined): number {
    const pause = Math.max(0, (at ?? 0) - this.recordedMs);
    this.recordedMs += pause;
    this.due += Math.min(pause, this.options.longestPauseMs) / this.options.speed;
    return this.due;
  }
}

/** What stands in the header of an asciicast file. */
export interface CastFacts {
  /** Null: the command had none. */
  terminal: Terminal | null;
  /** ISO time at which the command began. */
  startedAt: string | null;
  title: string;
}

type CastCode = 'o' | 'i' | 'r';

/**
 * A recording as asciicast v2, one JSON text a line: the header, then `[seconds, code, data]`.
 * https://docs.asciinema.org/manual/asciicast/v2/
 */
export class Cast {
  private readonly facts: CastFacts;
  /** Characters may be split over pieces: each stream has a decoder of its own. */
  private readonly decoders = { stdout: decoder(), stderr: decoder(), input: decoder() };
  private seconds = 0;

  constructor(facts: CastFacts) {
    this.facts = facts;
  }

  header(): string {
    const { terminal, startedAt, title } = this.facts;
    const { columns, rows } = terminal ?? sizeWithoutTerminal;
    const timestamp = startedAt === null ? undefined : Math.floor(Date.parse(startedAt) / 1000);
    const env = terminal ? { TERM: terminal.type } : undefined;
    return line({ version: 2, width: columns, height: rows, timestamp, title, env });
  }

  /** Lines of the file; none for half a character. */
  events({ stream, data, at }: OutputChunk): string {
    this.seconds = Math.max(this.seconds, (at ?? 0) / 1000);
    if (stream === 'resize') {
      const size = readSize(data);
      return size ? this.event('r', `${size.columns}x${size.rows}`) : '';
    }
    return this.text(stream, this.decoders[stream].decode(data, { stream: true }));
  }

  /** What was left over: characters that never became whole. */
  end(): string {
    return (['stdout', 'stderr', 'input'] as const)
      .map((stream) => this.text(stream, this.decoders[stream].decode()))
      .join('');
  }

  private text(stream: 'stdout' | 'stderr' | 'input', text: string): string {
    if (text === '') return '';
    if (stream === 'input') return this.event('i', text);
    // players draw on a terminal, where a line feed alone does not go back to the left
    return this.event('o', this.facts.terminal ? text : text.replace(/\r?\n/g, '\r\n'));
  }

  private event(code: CastCode, data: string): string {
    return line([this.seconds, code, data]);
  }
}

/** The lines of an asciicast file, as many at a time as belong to one piece of the recording. */
export async function* asciicast(facts: CastFacts, chunks: AsyncIterable<OutputChunk>): AsyncGenerator<string> {
  const cast = new Cast(facts);
  yield cast.header();
  for await (const chunk of chunks) {
    const lines = cast.events(chunk);
    if (lines !== '') yield lines;
  }
  const rest = cast.end();
  if (rest !== '') yield rest;
}

/** Who ran what, where and when. */
export function recordingTitle(facts: { connection: string; argv: string[]; email: string; when: string }): string {
  return `${facts.connection}: ${showArgv(facts.argv)} (${facts.email}, ${facts.when})`;
}

function decoder(): TextDecoder {
  return new TextDecoder('utf-8', { ignoreBOM: true });
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
