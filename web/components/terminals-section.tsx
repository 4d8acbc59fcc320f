import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { ConnectionView, SessionView } from '#shared/api-schemas.ts';
import { waitsToRun } from '#shared/session-states.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { Problem } from '../ui/problem.tsx';
import { Section } from '../ui/section.tsx';
import { createSession, ownTerminalsQuery, sessionAsked } from '../data/run.ts';
import { pages } from '../util/paths.ts';
import { newUuid } from '../util/uuid.ts';
import { TerminalPane } from './terminal-pane.tsx';

/** What the program finds in TERM, and its size until the screen is there. */
const firstTerminal = { type: 'xterm-256color', columns: 80, rows: 24 };

interface Props {
  connection: ConnectionView;
  /** Of whoever looks; null: none is open. */
  grant: SessionView | null;
  /** Id of the terminal that is shown. */
  chosen: string | null;
  /** Id of a grant that was asked for on the page before: its first terminal opens by itself. */
  asked: string | null;
}

/** The terminals under a grant. Those that were shown stay as they are while another one is looked at. */
export function TerminalsSection({ connection, grant, chosen, asked }: Props) {
  const isActive = grant?.state === 'active';
  const { data: running } = useQuery({ ...ownTerminalsQuery(grant?.id ?? ''), enabled: isActive });
  const [shown, setShown] = useState<string[]>(chosen === null ? [] : [chosen]);
  if (chosen !== null && !shown.includes(chosen)) setShown([...shown, chosen]);
  const opening = useOpening(connection, grant, chosen === null);
  const refusalId = useId();
  useFirstTerminal({ grant, asked, isNone: running?.length === 0 && chosen === null, open: opening.open });

  const tabs = useTabs(running, shown);
  if (!isActive && tabs.length === 0) return null;
  return (
    <Section title="Terminals">
      <Group gap="xs">
        {tabs.length > 0 && (
          <Group component="nav" gap="xs" aria-label="Terminals">
            {tabs.map((id) => (
              <Button
                key={id}
                component={Link}
                href={pages.connect(connection.name, id)}
                size="xs"
                variant={id === chosen ? 'light' : 'default'}
                aria-current={id === chosen ? 'page' : undefined}
              >
                {id.slice(0, 8)}
              </Button>
            ))}
          </Group>
        )}
        <ActionButton
          label="New terminal"
          size="xs"
          variant={tabs.length > 0 ? 'default' : 'filled'}
          loading={opening.isPending}
          refusedBy={isActive ? undefined : refusalId}
          onClick={opening.open}
        />
      </Group>
      {!isActive && (
        <Text size="sm" c="dimmed" id={refusalId}>
          {grant && waitsToRun(grant.state)
            ? 'A new terminal opens once your request is approved.'
            : 'The grant is over: a new terminal needs another one.'}
        </Text>
      )}
      {opening.error !== null && <Problem error={opening.error} title="No terminal was opened" />}
      {isActive && chosen === null && tabs.length > 0 && (
        <Text size="sm" c="dimmed">
          Choose one to take it up where it is.
        </Text>
      )}
      {shown.map((id) => (
        <Stack key={id} hidden={id !== chosen} style={id === chosen ? undefined : { display: 'none' }}>
          <TerminalPane id={id} />
        </Stack>
      ))}
    </Section>
  );
}

/** Of those that run and those that are shown: each keeps its place as it ends, and new ones come last. */
function useTabs(running: readonly SessionView[] | undefined, shown: readonly string[]): string[] {
  const [order, setOrder] = useState<string[]>([]);
  const ids = [...new Set([...(running ?? []).map(({ id }) => id), ...shown])];
  if (running === undefined && order.length === 0) return ids;
  const all = [...new Set([...order, ...ids])];
  if (all.length > order.length) setOrder(all);
  return all.filter((id) => ids.includes(id));
}

/** `isFirst`: its address takes the place of the page's. */
function useOpening(connection: ConnectionView, grant: SessionView | null, isFirst: boolean) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  // one that may have been made is found again by its id
  const id = useRef(newUuid());
  const { mutate, isPending, error } = useMutation({
    mutationFn: (grantId: string) =>
      createSession({
        ...{ id: id.current, connection: connection.name, kind: 'exec', grant: grantId, terminal: firstTerminal },
      }),
    onSuccess: (session) => {
      id.current = newUuid();
      void sessionAsked(client);
      navigate(pages.connect(connection.name, session.id), { replace: isFirst });
    },
  });
  return { open: () => grant && !isPending && mutate(grant.id), isPending, error };
}

interface First {
  grant: SessionView | null;
  asked: string | null;
  isNone: boolean;
  open: () => void;
}

/** Whoever waited for the grant, or asked for it just now, wants a terminal: it opens once it may, and once. */
function useFirstTerminal({ grant, asked, isNone, open }: First): void {
  const waitedFor = useRef<string | null>(null);
  const tried = useRef<string | null>(null);
  useEffect(() => {
    if (!grant) return;
    if (waitsToRun(grant.state)) waitedFor.current = grant.id;
    const isWanted = grant.id === waitedFor.current || grant.id === asked;
    if (grant.state !== 'active' || !isWanted || !isNone || tried.current === grant.id) return;
    tried.current = grant.id;
    open();
  });
}
