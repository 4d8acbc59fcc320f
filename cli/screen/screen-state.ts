/**
 * What the output of a program has done to a terminal, as far as it has to be undone: modes that it set, the alternate
 * screen. Reads the bytes as they pass and keeps none of them.
 */

const escape = 0x1b;
/** Longer sequences are none of those that matter here. */
const longestSequence = 64;
/** Bytes of a character in UTF-8. */
const longestCharacter = 4;

/** Private modes (`CSI ? n h`) that a program may leave behind, each with its state on a terminal at rest. */
const resting: Readonly<Record<number, boolean>> = {
  1: false, // cursor keys of applications
  5: false, // reverse video
  6: false, // origin
  7: true, // wraps lines
  9: false, // mouse
  25: true, // cursor shown
  66: false, // keypad of applications
  1000: false, // mouse, and how it is reported
  1001: false,
  1002: false,
  1003: false,
  1004: false, // focus
  1005: false,
  1006: false,
  1007: false,
  1015: false,
  1016: false,
  2004: false, // bracketed paste
  2026: false, // synchronized output
};
const alternateModes: ReadonlySet<number> = new Set([47, 1047, 1049]);

/** `text`: within OSC, DCS, APC, PM or SOS, which end with ST or BEL. */
type Place = 'ground' | 'sequence' | 'text' | 'text-escape';

export class ScreenState {
  /** The mode by which the alternate screen was entered. */
  private alternate: number | undefined;
  private readonly changed = new Map<number, boolean>();
  /** Resets of what is no private mode, by what they reset. */
  private readonly others = new Map<string, string>();
  private place: Place = 'ground';
  private sequence = '';
  private touched = false;
  /** The last bytes of all, of the last character at least. */
  private tail: number[] = [0x0a];

  /** A full-screen program draws. */
  get isFullScreen(): boolean {
    return this.alternate !== undefined;
  }

  /** Nothing is half written: neither a sequence nor a character. */
  get isWhole(): boolean {
    return this.place === 'ground' && !isHalfCharacter(this.tail);
  }

  /** Whether the cursor stands at the beginning of a line, as far as the last byte tells. */
  get isAtLineStart(): boolean {
    return this.tail.at(-1) === 0x0a || this.tail.at(-1) === 0x0d;
  }

  feed(data: Uint8Array): void {
    for (let at = 0; at < data.length;) {
      if (this.place === 'ground') {
        const next = data.indexOf(escape, at);
        if (next < 0) break;
        this.begin();
        at = next + 1;
      } else {
        this.take(data[at] ?? 0);
        at += 1;
      }
    }
    this.tail = [...this.tail, ...data.subarray(-longestCharacter)].slice(-longestCharacter);
  }

  /** What makes the terminal as it was; empty when nothing has touched it. */
  reset(): string {
    if (!this.touched) return '';
    const half = this.place === 'text' || this.place === 'text-escape' ? '\u001b\\' : '';
    const screen = this.alternate === undefined ? '' : `\u001b[?${this.alternate}l`;
    const modes = [...this.changed].map(([mode, on]) => `\u001b[?${mode}${on ? 'l' : 'h'}`);
    // colours, and the characters of line drawing
    return [half, screen, ...modes, ...this.others.values(), '\u001b[0m\u001b(B\u000f'].join('');
  }

  private begin(): void {
    this.touched = true;
    this.place = 'sequence';
    this.sequence = '';
  }

  private take(byte: number): void {
    if (this.place === 'text') {
      if (byte === escape) this.place = 'text-escape';
      else if (byte === 0x07 || byte === 0x18 || byte === 0x1a) this.place = 'ground';
      return;
    }
    if (this.place === 'text-escape') {
      this.place = 'ground';
      if (byte === 0x5c) return;
      this.begin(); // anything but ST: a sequence that broke off the text
    }
    if (byte === escape) return this.begin();
    if (byte === 0x18 || byte === 0x1a) return void (this.place = 'ground');
    if (byte < 0x20) return; // control characters within a sequence are done at once
    this.sequence += String.fromCharCode(byte);
    if (/^[\]PX^_]/.test(this.sequence)) return void (this.place = 'text');
    if (!isComplete(this.sequence) && this.sequence.length < longestSequence) return;
    this.place = 'ground';
    this.note(this.sequence);
  }

  private note(sequence: string): void {
    const mode = /^\[\?([\d;]*)([hl])$/.exec(sequence);
    if (mode) return this.noteModes((mode[1] ?? '').split(';').map(Number), mode[2] === 'h');
    if (sequence === 'c') return this.clear();
    if (sequence === '=') this.others.set('keypad', '\u001b>');
    if (sequence === '>') this.others.delete('keypad');
    if (sequence === '[4h') this.others.set('insert', '\u001b[4l');
    if (sequence === '[4l') this.others.delete('insert');
    // setting the margins moves the cursor
    if (/^\[\d*;?\d*r$/.test(sequence)) this.others.set('margins', '\u001b7\u001b[r\u001b8');
    // programs put the title of the window aside
    if (/^\[22(;\d*)*t$/.test(sequence)) this.others.set('title', '\u001b[23;0;0t');
    if (/^\[23(;\d*)*t$/.test(sequence)) this.others.delete('title');
    if (/^\[\d* q$/.test(sequence)) this.others.set('cursor', '\u001b[0 q');
    if (/^\[>4(;\d*)?m$/.test(sequence)) this.others.set('other keys', '\u001b[>4m');
    if (/^\[[>=][\d;]*u$/.test(sequence)) this.others.set('keyboard', '\u001b[<99u\u001b[=0u');
  }

  private noteModes(modes: number[], on: boolean): void {
    for (const mode of modes) {
      if (alternateModes.has(mode)) this.alternate = on ? mode : undefined;
      const rest = resting[mode];
      if (rest === undefined) continue;
      if (on === rest) this.changed.delete(mode);
      else this.changed.set(mode, on);
    }
  }

  /** RIS: the terminal has reset itself. */
  private clear(): void {
    this.alternate = undefined;
    this.changed.clear();
    this.others.clear();
  }
}

/** Of what follows ESC: a control sequence ends with `@` to `~`, any other with `0` to `~`. */
function isComplete(sequence: string): boolean {
  if (sequence.startsWith('[')) return /^\[[ -?]*[@-~]$/.test(sequence);
  return /^[ -/]*[0-~]$/.test(sequence);
}

/** Whether the bytes end within a character of UTF-8. */
function isHalfCharacter(tail: number[]): boolean {
  const first = tail.findLastIndex((byte) => (byte & 0xc0) !== 0x80);
  const lead = tail[first] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return tail.length - first < length;
}
