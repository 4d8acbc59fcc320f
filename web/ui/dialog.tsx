import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

/** A dialog; Escape, the cross and a click beside it close it. */
export function Dialog(props: { title: string; opened: boolean; onClose: () => void; children: ReactNode }) {
  return <Modal {...props} centered closeButtonProps={{ 'aria-label': 'Close' }} />;
}
