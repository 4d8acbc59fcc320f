import { Alert } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './notice.module.css';

export interface NoticeText {
  color: string;
  text: ReactNode;
}

/** What came of something, at the foot of the window, where it moves nothing; there before it speaks, for screen readers. */
export function Notice({ notice, onClose }: { notice: NoticeText | null; onClose: () => void }) {
  return (
    <div role="status" className={classes.place}>
      {notice && (
        <Alert
          color={notice.color}
          variant="filled"
          className={classes.notice}
          withCloseButton
          onClose={onClose}
          closeButtonLabel="Close"
        >
          {notice.text}
        </Alert>
      )}
    </div>
  );
}
