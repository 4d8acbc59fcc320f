import { useEffect, useRef } from 'react';
import { textOf } from './text.ts';

export interface ConfirmText {
  title: unknown;
  text: unknown;
  confirm: unknown;
  deny: unknown;
  style?: string;
}

/** Slack's "are you sure", when an element asks for it. */
export function Confirm({ text, onConfirm, onDeny }: { text: ConfirmText; onConfirm: () => void; onDeny: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="modal small" aria-label={textOf(text.title)} onCancel={onDeny}>
      <header>
        <h2>{textOf(text.title)}</h2>
      </header>
      <p>{textOf(text.text)}</p>
      <footer>
        <button type="button" className="button" onClick={onDeny}>
          {textOf(text.deny)}
        </button>
        <button type="button" className={`button ${text.style ?? 'primary'}`} onClick={onConfirm}>
          {textOf(text.confirm)}
        </button>
      </footer>
    </dialog>
  );
}
