/** Keys that are for `hoop` and not for the terminal: `~.` and its kin, at the beginning of a line, as ssh has them. */

export type EscapeKey = 'leave' | 'help';

export type Typed = { pass: Buffer } | { key: EscapeKey };

const tilde = 0x7e;
const keys: Readonly<Record<number, EscapeKey>> = { [0x2e]: 'leave', [0x3f]: 'help' };
const isLineEnd = (byte: number): boolean => byte === 0x0d || byte === 0x0a;
const pasteBegins = '\u001b[200~';
const pasteEnds = '\u001b[201~';

export class EscapeKeys {
  private isLineStart = true;
  /** A tilde at the beginning of a line waits for what follows it. */
  private isWaiting = false;
  /** What is pasted means itself, where the terminal says that it is pasted. */
  private isPasting = false;
  private tail = '';

  /** What was typed, in its order: bytes for the terminal, and keys for `hoop`. After `leave` nothing follows. */
  take(data: Buffer): Typed[] {
    const typed: Typed[] = [];
    const pass: number[] = [];
    const flush = () => {
      if (pass.length > 0) typed.push({ pass: Buffer.from(pass.splice(0)) });
    };
    for (const byte of data) {
      const key = this.isWaiting ? keys[byte] : undefined;
      if (key !== undefined) {
        this.isWaiting = false;
        flush();
        typed.push({ key });
        if (key === 'leave') return typed;
        continue; // what follows stands at the beginning of the line still
      }
      if (!this.isWaiting && byte === tilde && this.isLineStart && !this.isPasting) {
        this.isWaiting = true;
        continue;
      }
      // two of them are one that is meant
      if (this.isWaiting && byte !== tilde) pass.push(tilde);
      this.isWaiting = false;
      pass.push(byte);
      this.note(byte);
    }
    flush();
    return typed;
  }

  private note(byte: number): void {
    this.isLineStart = isLineEnd(byte);
    this.tail = (this.tail + String.fromCharCode(byte)).slice(-pasteBegins.length);
    if (this.tail === pasteBegins) this.isPasting = true;
    if (this.tail === pasteEnds) this.isPasting = false;
  }
}
