import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { TokenCreated, TokenView } from '#shared/token-schemas.ts';
import { CreateTokenDialog } from '../components/create-token-dialog.tsx';
import { useMe } from '../components/frame.tsx';
import { TokenTable } from '../components/token-table.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { CopyBlock } from '../ui/copy-block.tsx';
import { Empty } from '../ui/empty.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Said } from '../ui/said.tsx';
import { Mono, VisibleText } from '../ui/visible-text.tsx';
import { useFetchMore } from '../data/fetch-more.ts';
import { deleteToken, tokensChanged, tokensQuery } from '../data/tokens.ts';

/** Tokens for programs that act as somebody. */
export function TokensPage() {
  const { admin } = useMe();
  const client = useQueryClient();
  const [whose, setWhose] = useState<'mine' | 'all'>('mine');
  const [creating, setCreating] = useState(false);
  const [created, setCreated] = useState<TokenCreated | null>(null);
  const [revoking, setRevoking] = useState<TokenView | null>(null);
  const done = (token: TokenCreated) => {
    setCreating(false);
    setCreated(token);
    void tokensChanged(client);
  };
  const revoked = () => {
    if (created?.id === revoking?.id) setCreated(null);
    setRevoking(null);
    void tokensChanged(client);
  };

  return (
    <Page title="API tokens">
      <Text>
        A program that sends a token, as in <Mono>Authorization: Bearer hoop_api_…</Mono>, or runs <Mono>hoop</Mono>{' '}
        with it as <Mono>HOOP_TOKEN</Mono>, acts as its user until the token expires or is revoked.
      </Text>
      {created && <Created key={created.id} token={created} onDone={() => setCreated(null)} />}
      <Group justify="space-between">
        {admin ? (
          <SegmentedControl
            aria-label="Whose tokens"
            size="xs"
            value={whose}
            onChange={(value) => setWhose(value === 'all' ? 'all' : 'mine')}
            data={[
              { value: 'mine', label: 'Mine' },
              { value: 'all', label: "Everybody's" },
            ]}
          />
        ) : (
          <span />
        )}
        <Button onClick={() => setCreating(true)}>New token</Button>
      </Group>
      <Tokens whose={whose} onRevoke={setRevoking} />
      {creating && <CreateTokenDialog onClose={() => setCreating(false)} onCreated={done} />}
      {revoking && (
        <ConfirmDialog
          title="Revoke this token"
          submit="Revoke"
          act={() => deleteToken(revoking.id)}
          onClose={() => setRevoking(null)}
          onDone={revoked}
        >
          <Text size="sm">
            Programs that use{' '}
            <strong>
              <VisibleText>{revoking.name}</VisibleText>
            </strong>{' '}
            of <VisibleText>{revoking.user}</VisibleText> are refused from now on. What they have asked for already goes
            on.
          </Text>
        </ConfirmDialog>
      )}
    </Page>
  );
}

function Tokens({ whose, onRevoke }: { whose: 'mine' | 'all'; onRevoke: (token: TokenView) => void }) {
  const list = tokensQuery(whose);
  const query = useInfiniteQuery(list);
  const showMore = useFetchMore(query, list.queryKey);
  if (query.isPending) return <Loading what="the tokens" />;
  if (query.isError && !query.data) {
    return <Problem error={query.error} title="The tokens cannot be shown" onRetry={() => void query.refetch()} />;
  }
  const tokens = query.data.pages.flat();
  if (tokens.length === 0) {
    return <Empty>{whose === 'mine' ? 'You have no tokens.' : 'Nobody has a token.'}</Empty>;
  }
  return (
    <Stack>
      <TokenTable tokens={tokens} withUser={whose === 'all'} onRevoke={onRevoke} />
      {query.hasNextPage && (
        <Group>
          <Button variant="default" loading={query.isFetchingNextPage} onClick={showMore}>
            Show more
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** Stays until it is sent away: the token is shown nowhere else, and never again. */
function Created({ token, onDone }: { token: TokenCreated; onDone: () => void }) {
  return (
    <Said title="The token is made">
      <Stack gap="sm">
        <Text size="sm">
          Copy it now: hoop keeps only a hash of it and cannot show it again. Whoever has it is{' '}
          <VisibleText>{token.user}</VisibleText>.
        </Text>
        <CopyBlock text={token.token} label="token" />
        <Group>
          <Button variant="default" size="xs" onClick={onDone}>
            I have copied it
          </Button>
        </Group>
      </Stack>
    </Said>
  );
}
