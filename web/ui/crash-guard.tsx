import { Alert, Button, Container, Stack, Text } from '@mantine/core';
import { Component, type ReactNode } from 'react';

/** A page that breaks says so and offers to load again, in place of an empty window. */
export class CrashGuard extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    if (!this.state.crashed) return this.props.children;
    return (
      <Container component="main" size="sm" py="xl">
        <Alert color="red" role="alert" title="This page broke">
          <Stack gap="xs" align="flex-start">
            <Text size="sm">Nothing was decided by that. Load it again; if it breaks again, use the command line.</Text>
            <Button variant="default" size="xs" onClick={() => window.location.reload()}>
              Load it again
            </Button>
          </Stack>
        </Alert>
      </Container>
    );
  }
}
