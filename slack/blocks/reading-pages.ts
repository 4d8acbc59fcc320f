/**
 * An envelope in full, in pages of a modal: blocks as long as Slack's sections may be, pages that a phone can scroll.
 * Nothing is left out: put together again, the pieces of a section are its text.
 */
import type { EnvelopeText } from '#shared/slack-view.ts';
import { commandLine } from './envelope-parts.ts';
import { clean } from './text.ts';

export interface Piece {
  /** Of the section that begins with it. */
  heading: string | null;
  text: string;
  /** The line it begins with began in the piece before. */
  continues: boolean;
}

const most = { pieceChars: 3_000, pieceLines: 120, pageChars: 12_000, pageLines: 360, pages: 60, chars: 500_000 };

/** Null for what Slack cannot show: standard input that is no text, or more than anybody would page through. */
export function readingPages(text: EnvelopeText): Piece[][] | null {
  if (text.scriptBytes > 0 && text.script === null) return null;
  const sections: [heading: string, text: string][] = [
    ['Why', text.reason.trim() === '' ? 'no reason given' : text.reason.trim()],
    ['Command', commandLine(text)],
    ['Runs as', text.runAs === null ? '' : `user ${text.runAs}`],
    [`Standard input (${text.scriptBytes} bytes)`, text.script ?? ''],
    ['Environment variables', text.envNames.join(', ')],
  ];
  if (sections.reduce((sum, [, body]) => sum + body.length, 0) > most.chars) return null;
  const pages = paged(sections.filter(([, body]) => body !== '').flatMap(([heading, body]) => pieces(heading, body)));
  return pages.length > most.pages ? null : pages;
}

function pieces(heading: string, body: string): Piece[] {
  const found: Piece[] = [];
  let rest = clean(body);
  let continues = false;
  for (;;) {
    const { text, atLineEnd } = nextPiece(rest);
    found.push({ heading: found.length === 0 ? heading : null, text, continues });
    rest = rest.slice(text.length + (atLineEnd ? 1 : 0));
    continues = !atLineEnd;
    if (rest === '' && continues) return found;
  }
}

/** Ends with a line where it can, and never inside a character or its escape. */
function nextPiece(text: string): { text: string; atLineEnd: boolean } {
  let window = text.slice(0, most.pieceChars);
  const lines = window.split('\n', most.pieceLines);
  const full = lines.join('\n');
  if (full.length < window.length) return { text: full, atLineEnd: true };
  if (window.length === text.length) return { text, atLineEnd: false };
  const lineEnd = text.lastIndexOf('\n', most.pieceChars);
  if (lineEnd > most.pieceChars / 2) return { text: text.slice(0, lineEnd), atLineEnd: true };
  window = window.replace(/[\ud800-\udbff]$/, '').replace(/\\(u(\{[0-9a-f]{0,6})?)?$/, '');
  return { text: window, atLineEnd: false };
}

function paged(all: Piece[]): Piece[][] {
  const pages: Piece[][] = [];
  let room = { chars: 0, lines: 0 };
  for (const piece of all) {
    const lines = piece.text.split('\n').length;
    if (pages.length === 0 || piece.text.length > room.chars || lines > room.lines) {
      pages.push([]);
      room = { chars: most.pageChars, lines: most.pageLines };
    }
    room = { chars: room.chars - piece.text.length, lines: room.lines - lines };
    pages.at(-1)?.push(piece);
  }
  return pages;
}
