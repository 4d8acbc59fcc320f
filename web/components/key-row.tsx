import { Button } from '@mantine/core';
import classes from './key-row.module.css';

interface Props {
  /** Ctrl holds for the next letter. */
  ctrl: boolean;
  onCtrl: () => void;
  onKey: (key: TerminalKey) => void;
}

export type TerminalKey = 'Escape' | 'Tab' | 'Up' | 'Down' | 'Left' | 'Right';

const keys: { key: TerminalKey; text: string; label: string }[] = [
  { key: 'Up', text: '↑', label: 'Arrow up' },
  { key: 'Down', text: '↓', label: 'Arrow down' },
  { key: 'Left', text: '←', label: 'Arrow left' },
  { key: 'Right', text: '→', label: 'Arrow right' },
];

/** Keys that a phone does not have. */
export function KeyRow({ ctrl, onCtrl, onKey }: Props) {
  // the keyboard of the phone stays where it is
  const stay = { onPointerDown: (event: React.PointerEvent) => event.preventDefault(), tabIndex: -1 };
  const look = { variant: 'default', size: 'sm', px: 'sm', miw: 44 } as const;
  return (
    <div className={classes.row} role="group" aria-label="Keys">
      <Button {...look} {...stay} onClick={() => onKey('Escape')}>
        Esc
      </Button>
      <Button {...look} {...stay} onClick={() => onKey('Tab')}>
        Tab
      </Button>
      <Button {...look} {...stay} variant={ctrl ? 'filled' : 'default'} aria-pressed={ctrl} onClick={onCtrl}>
        Ctrl
      </Button>
      {keys.map(({ key, text, label }) => (
        <Button key={key} {...look} {...stay} aria-label={label} onClick={() => onKey(key)}>
          {text}
        </Button>
      ))}
    </div>
  );
}

const letters: Partial<Record<TerminalKey, string>> = { Up: 'A', Down: 'B', Right: 'C', Left: 'D' };

/** As a terminal of xterm's kind sends it. */
export function bytesOfKey(key: TerminalKey, applicationKeys: boolean): Uint8Array {
  if (key === 'Escape') return Uint8Array.of(0x1b);
  if (key === 'Tab') return Uint8Array.of(0x09);
  return new TextEncoder().encode(`\u001b${applicationKeys ? 'O' : '['}${letters[key] ?? ''}`);
}

/** A letter with Ctrl held: `c` becomes 3. Anything else stays what it is. */
export function withCtrl(data: Uint8Array): Uint8Array {
  const [byte] = data;
  if (data.length !== 1 || byte === undefined) return data;
  const isLetter = byte >= 0x40 && byte < 0x7f;
  return isLetter ? Uint8Array.of(byte & 0x1f) : data;
}
