import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import type { Option } from './options.ts';

interface Props {
  options: Option[];
  label: string;
  busy: boolean;
  onChoose: (value: string) => void;
}

/** The three dots with more to do. https://www.w3.org/WAI/ARIA/apg/patterns/menu-button/ */
export function OverflowMenu({ options, label, busy, onChoose }: Props) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (open) root.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  }, [open]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowUp: items.length - 1 }[event.key];
    if (event.key === 'Escape') close();
    else if (step !== undefined) items[(at + step) % items.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const leave = (to: EventTarget | null) => !root.current?.contains(to as Node | null) && setOpen(false);
  return (
    <span className="overflow" ref={root} onBlur={({ relatedTarget }) => leave(relatedTarget)}>
      <button
        ref={button}
        type="button"
        className="button icon"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-disabled={busy}
        onClick={() => !busy && setOpen(!open)}
      >
        ⋯
      </button>
      {open && (
        <span className="popup" role="menu" id={id} tabIndex={-1} onKeyDown={onKeyDown}>
          {options.map(({ value, label: words, note }) => (
            <button
              key={value}
              type="button"
              role="menuitem"
              onClick={() => {
                close();
                onChoose(value);
              }}
            >
              {words}
              {note && <small>{note}</small>}
            </button>
          ))}
        </span>
      )}
    </span>
  );
}
