import { Modal, type ModalProps } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';

interface Props {
  title: string;
  opened: boolean;
  size?: ModalProps['size'];
  onClose: () => void;
  children: ReactNode;
}

/** A dialog; Escape, the cross and a click beside it close it. The keyboard goes back to where it was. */
export function Dialog(props: Props) {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // The dialog is taken off the page, and with it what was focused, unless something else has taken the focus.
      requestAnimationFrame(() => {
        const nowhere = document.activeElement === null || document.activeElement === document.body;
        if (nowhere && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
      });
    },
    [before],
  );
  return <Modal {...props} centered closeButtonProps={{ 'aria-label': 'Close' }} />;
}
