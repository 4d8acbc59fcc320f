import { Anchor, Button, Group, Stack, Switch, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { isEndState } from '#shared/session-states.ts';
import { LazyTerminal, type TerminalHandle } from '../ui/lazy-terminal.tsx';
import { Loading } from '../ui/loading.tsx';
import { Problem } from '../ui/problem.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { sessionQuery } from '../data/sessions.ts';
import { formatBytes } from '../util/bytes.ts';
import { pages } from '../util/paths.ts';
import { terminalWords, type TerminalWords } from '../util/terminal-words.ts';
import { mostPastedBytes, useTerminal } from '../util/use-terminal.ts';
import { useMe } from './frame.tsx';
import { KeyRow, bytesOfKey, withCtrl, type TerminalKey } from './key-row.tsx';

/** One terminal: to type into for who asked for it, to watch for others. */
export function TerminalPane({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(sessionQuery(id));
  const me = useMe();
  if (data && !data.terminal) return <Text size="sm">This session has no terminal.</Text>;
  if (data) return <OpenPane key={data.id} session={data} mayType={data.requester.id === me.id} />;
  return error ? (
    <Problem error={error} title="The terminal cannot be shown" onRetry={() => void refetch()} />
  ) : (
    <Loading what="the terminal" rows={3} />
  );
}

function OpenPane({ session, mayType }: { session: SessionDetail; mayType: boolean }) {
  // what it was at first decides whether there is anything to follow
  const [first] = useState(session);
  if (isEndState(first.state)) return <EndedPane session={first} />;
  return <LivePane session={first} mayType={mayType} />;
}

function EndedPane({ session: { id, state, exitCode, message } }: { session: SessionDetail }) {
  const end = {
    event: 'end',
    state: isEndState(state) ? state : 'ended',
    ...(exitCode !== null && { exitCode }),
  } as const;
  const words = terminalWords(
    { line: 'ended', state, message, end: { ...end, message: message ?? '' }, isFull: false },
    true,
  );
  return (
    <Stack gap="xs">
      <StatusLine words={words} />
      <RecordingLink id={id} />
    </Stack>
  );
}

function RecordingLink({ id }: { id: string }) {
  return (
    <Anchor component={Link} href={pages.session(id)} size="sm">
      Its page, with what was recorded
    </Anchor>
  );
}

function StatusLine({ words: { text, color } }: { words: TerminalWords }) {
  const shade = { gray: 'dimmed', green: 'var(--hoop-good)', orange: undefined, red: 'var(--hoop-bad)' }[color];
  return (
    <Text size="sm" c={shade} fw={color === 'orange' ? 600 : undefined} role="status">
      <VisibleText>{text}</VisibleText>
    </Text>
  );
}

function LivePane({ session, mayType }: { session: SessionDetail; mayType: boolean }) {
  const { status, onReady, type, resize, problem } = useTerminal(session, mayType);
  const handle = useRef<TerminalHandle>(null);
  const leave = useRef<HTMLButtonElement>(null);
  const [readsOut, setReadsOut] = useState(false);
  const [ctrl, setCtrl] = useState(false);
  const [notice, setNotice] = useState<string | null>(null);
  const isOpen = status.end === null && status.line !== 'refused';
  useWarning(isOpen && mayType);

  const typed = (data: Uint8Array) => {
    setNotice(null);
    type(ctrl ? withCtrl(data) : data);
    if (ctrl) setCtrl(false);
  };
  const press = (key: TerminalKey) => {
    type(bytesOfKey(key, handle.current?.hasApplicationKeys() ?? false));
    handle.current?.focus();
  };
  const onKey = (event: KeyboardEvent): boolean => {
    const combined = event.ctrlKey && event.shiftKey && !event.altKey && !event.metaKey;
    if (!combined || event.type !== 'keydown') return !combined || (event.key !== 'Enter' && event.code !== 'KeyC');
    if (event.key === 'Enter') {
      event.preventDefault();
      leave.current?.focus();
      return false;
    }
    if (event.code !== 'KeyC') return true;
    event.preventDefault();
    void copy(handle.current?.selection() ?? '').then((did) => setNotice(did));
    return false;
  };
  const onPaste = (event: React.ClipboardEvent) => {
    const bytes = new TextEncoder().encode(event.clipboardData.getData('text')).length;
    const refusal = pasteRefusal(bytes, status.isFull);
    if (refusal === null) return;
    event.preventDefault();
    event.stopPropagation();
    setNotice(refusal);
  };

  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <StatusLine words={terminalWords(status, mayType)} />
        {problem !== null && <Problem error={problem} />}
      </Group>
      <div onPasteCapture={onPaste}>
        <LazyTerminal
          label={`Terminal of ${session.connection}`}
          height="clamp(14rem, 62dvh, 46rem)"
          screenReader={readsOut}
          onReady={(terminal) => {
            handle.current = terminal;
            return onReady(terminal);
          }}
          {...(mayType
            ? { onData: typed, onResize: resize, onKey }
            : { size: session.envelope.terminal ?? { columns: 80, rows: 24 } })}
        />
      </div>
      {mayType && isOpen && <KeyRow ctrl={ctrl} onCtrl={() => setCtrl(!ctrl)} onKey={press} />}
      <Group gap="md">
        {mayType && (
          <Button ref={leave} variant="default" size="xs" onClick={() => handle.current?.focus()}>
            Back into the terminal
          </Button>
        )}
        <Switch
          size="sm"
          label="Read output aloud"
          checked={readsOut}
          onChange={({ currentTarget }) => setReadsOut(currentTarget.checked)}
        />
        {!isOpen && <RecordingLink id={session.id} />}
      </Group>
      {mayType && isOpen && (
        <Text size="xs" c="dimmed">
          Ctrl-Shift-Enter leaves the terminal by keyboard; Ctrl-Shift-C copies what is marked, Ctrl-Shift-V pastes.
        </Text>
      )}
      <Text size="sm" role="status">
        {notice}
      </Text>
    </Stack>
  );
}

function pasteRefusal(bytes: number, isFull: boolean): string | null {
  if (bytes > mostPastedBytes) {
    return `That has ${formatBytes(bytes)}; ${formatBytes(mostPastedBytes)} can be pasted at once. Run it as a script instead.`;
  }
  return isFull ? 'What you typed before is still on its way; paste once it was taken.' : null;
}

/** Gives what to tell. */
async function copy(text: string): Promise<string> {
  if (text === '') return 'Nothing is marked.';
  try {
    await navigator.clipboard.writeText(text);
    return 'Copied.';
  } catch {
    return 'The browser does not let this page copy; use its menu.';
  }
}

/** Closing the page leaves a terminal behind. */
function useWarning(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [on]);
}
