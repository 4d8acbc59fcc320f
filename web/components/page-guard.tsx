import { Alert, Button, Stack, Text } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { isLoadFailure } from '../util/load-failures.ts';

interface Props {
  /** Address of the page; another one gets another chance. */
  path: string;
  children: ReactNode;
}

interface State {
  path: string;
  error: unknown;
}

/** A page that breaks, or cannot be fetched, says so where it would be; header and menu stay. */
export class PageGuard extends Component<Props, State> {
  override state: State = { path: this.props.path, error: null };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error ?? new Error('something without a name') };
  }

  static getDerivedStateFromProps({ path }: Props, state: State): State | null {
    return path === state.path ? null : { path, error: null };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return isLoadFailure(error) ? (
      <Offer color="orange" title="This page could not be fetched">
        hoop may have been upgraded since the console was opened, or the line is down. Loading it again gets the present
        one.
      </Offer>
    ) : (
      <Offer color="red" title="This page broke">
        Nothing was decided by that. Load it again; if it breaks again, use the command line.
      </Offer>
    );
  }
}

function Offer({ color, title, children }: { color: string; title: string; children: ReactNode }) {
  return (
    <Alert color={color} role="alert" title={title}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{children}</Text>
        <Button variant="default" size="xs" onClick={() => window.location.reload()}>
          Load it again
        </Button>
      </Stack>
    </Alert>
  );
}
