import { useEffect, useRef, type ReactNode } from 'react';

interface Props {
  className: string;
  label?: string;
  labelledBy?: string;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog over the page: focus stays within, Escape asks to close it, and focus goes back to where it was. */
export function Dialog({ className, label, labelledBy, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current!;
    const before = document.activeElement;
    if (!element.open) element.showModal();
    // A dialog that is taken out of the page gives focus back to nobody.
    return () => {
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={className}
      aria-label={label}
      aria-labelledby={labelledBy}
      tabIndex={-1}
      onCancel={(event) => {
        event.stopPropagation();
        event.preventDefault();
        onClose();
      }}
      onClose={(event) => {
        // The browser closes it by force at a second Escape; whether it goes is not the browser's to say.
        event.stopPropagation();
        if (!dialog.current) return;
        dialog.current.showModal();
        onClose();
      }}
    >
      {children}
    </dialog>
  );
}
