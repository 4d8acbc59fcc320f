import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import type { ConnectionCheck } from '#shared/connection-check.ts';
import { hasCode, messageOf } from '../../data/ask.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import type { ConnectionEditor } from '../../util/use-connection-editor.ts';
import classes from './connections.module.css';

/** What saving would do, and the button that does it. */
export function SaveBar({ editor, isNew }: { editor: ConnectionEditor; isNew: boolean }) {
  const { check, isChanged, isSaving, isSaved, failure, errors, otherErrors } = editor;
  const wrong = Object.keys(errors).length;
  const outdated = hasCode(failure, 'connection_outdated');
  return (
    <Stack gap="sm" className={classes.bar}>
      {check?.warnings.map((warning) => (
        <Alert key={warning} color="orange" p="xs">
          <Text size="sm">
            <VisibleText>{warning}</VisibleText>
          </Text>
        </Alert>
      ))}
      {check && check.changes.length > 0 && <Reached check={check} />}
      {otherErrors.map((message) => (
        <Text key={message} size="sm" c="var(--hoop-bad)">
          <VisibleText>{message}</VisibleText>
        </Text>
      ))}
      {failure !== null && !outdated && (
        <Alert color="red" role="alert" title="Nothing was saved" p="xs">
          <Text size="sm">
            <VisibleText>{messageOf(failure)}</VisibleText>
          </Text>
        </Alert>
      )}
      <Group gap="sm">
        <Button type="submit" loading={isSaving}>
          {isNew ? 'Create the connection' : 'Save'}
        </Button>
        {isChanged && (
          <Button variant="default" onClick={editor.reset}>
            {isNew ? 'Start over' : 'Undo my changes'}
          </Button>
        )}
        <Text size="sm" c="dimmed" role="status">
          {isSaved && !isChanged
            ? 'Saved.'
            : wrong > 0
              ? `${wrong} ${wrong === 1 ? 'field has' : 'fields have'} to change.`
              : isChanged
                ? 'Not saved yet.'
                : ''}
        </Text>
      </Group>
    </Stack>
  );
}

/** Whom a change of what reviewers approve reaches. */
function Reached({ check: { changes, waiting, grants } }: { check: ConnectionCheck }) {
  if (waiting === 0 && grants === 0) return null;
  return (
    <Alert color="orange" p="xs" title={`This changes what reviewers approve: ${changes.join(', ')}`}>
      <List size="sm">
        {waiting > 0 && (
          <List.Item>
            {waiting === 1
              ? '1 request that waits asks its reviewers again, and who asked is told.'
              : `${waiting} requests that wait ask their reviewers again, and who asked is told.`}
          </List.Item>
        )}
        {grants > 0 && (
          <List.Item>
            {grants === 1
              ? '1 active grant runs no further command; a new one has to be asked for.'
              : `${grants} active grants run no further command; new ones have to be asked for.`}
          </List.Item>
        )}
      </List>
    </Alert>
  );
}
