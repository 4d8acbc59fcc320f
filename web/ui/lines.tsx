import { Fragment } from 'react';
import { VisibleText } from './visible-text.tsx';

/** A message of several lines; those that Slack or a person wrote parts of are shown as any text of others. */
export function Lines({ text }: { text: string }) {
  return text.split('\n').map((line, at) => (
    <Fragment key={at}>
      {at > 0 && <br />}
      <VisibleText>{line}</VisibleText>
    </Fragment>
  ));
}
