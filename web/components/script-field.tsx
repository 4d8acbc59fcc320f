import { Alert, Button, FileButton, Group, Input, Skeleton, Stack, Text } from '@mantine/core';
import { Suspense, lazy, useId, useState } from 'react';
import classes from '../ui/text.module.css';
import { VisibleText } from '../ui/visible-text.tsx';
import { formatBytes, fromBase64, hexDump } from '../util/bytes.ts';
import { loadFile } from '../util/load-file.ts';
import type { Draft, DraftFile } from '../util/run-draft.ts';
import type { ScriptLanguage } from '../util/script-language.ts';

const CodeEditor = lazy(() => import('../ui/code-editor.tsx'));

/** Of a file that is no text. */
const shownBytes = 512;
const editorHeight = 194;

interface Props {
  draft: Pick<Draft, 'script' | 'file'>;
  onChange: (fields: Partial<Pick<Draft, 'script' | 'file'>>) => void;
  language: ScriptLanguage | null;
  mostBytes: number;
  error: string | undefined;
  onSubmit: () => void;
}

/** Standard input of the command: written here, or a file. */
export function ScriptField({ draft: { script, file }, onChange, language, mostBytes, error, onSubmit }: Props) {
  const id = useId();
  const [revision, setRevision] = useState(0);
  const [problem, setProblem] = useState<string | null>(null);
  const take = async (chosen: File | null) => {
    if (!chosen) return;
    const loaded = await loadFile(chosen, mostBytes);
    if ('problem' in loaded) return setProblem(loaded.problem);
    setProblem(null);
    onChange(loaded);
    setRevision((before) => before + 1);
  };
  const wrong = error ?? problem;

  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Input.Label component="span">Script</Input.Label>
        <FileButton onChange={(chosen) => void take(chosen)} inputProps={{ 'aria-label': 'File with the script' }}>
          {(props) => (
            <Button {...props} variant="default" size="xs">
              Load a file
            </Button>
          )}
        </FileButton>
      </Group>
      {file ? (
        <FileShown file={file} onRemove={() => onChange({ file: null })} />
      ) : (
        <Suspense fallback={<Skeleton height={editorHeight} radius="sm" />}>
          <CodeEditor
            label="Script"
            value={script}
            revision={revision}
            onChange={(text) => onChange({ script: text })}
            language={language}
            onSubmit={onSubmit}
            onFile={(dropped) => void take(dropped)}
            describedBy={`${id}-help ${id}-error`}
            invalid={wrong !== null && wrong !== undefined}
          />
        </Suspense>
      )}
      <Text id={`${id}-help`} size="xs" c="dimmed">
        It becomes the standard input of the command. Ctrl-Enter (Cmd-Enter) runs it; Tab indents, and Escape and then
        Tab leaves the editor.
      </Text>
      <div role="alert" id={`${id}-error`}>
        {wrong && <Input.Error>{wrong}</Input.Error>}
      </div>
    </Stack>
  );
}

function FileShown({ file: { name, base64, bytes }, onRemove }: { file: DraftFile; onRemove: () => void }) {
  const shown = fromBase64(base64.slice(0, Math.ceil(shownBytes / 3) * 4)).subarray(0, shownBytes);
  return (
    <Alert color="gray" title="A file that is no text">
      <Stack gap="xs" align="stretch">
        <Text size="sm">
          <VisibleText>{name}</VisibleText>
          {`, ${formatBytes(bytes)}: it is sent as it is.`}
          {bytes > shownBytes && ` Its first ${shownBytes} bytes:`}
        </Text>
        <pre className={classes.block} tabIndex={0} role="region" aria-label="Bytes of the file">
          {hexDump(shown)}
        </pre>
        <Button variant="default" size="xs" onClick={onRemove} style={{ alignSelf: 'flex-start' }}>
          Remove it and write a script
        </Button>
      </Stack>
    </Alert>
  );
}
