import { Badge, Button, Table, Text, VisuallyHidden } from '@mantine/core';
import type { TokenView } from '#shared/token-schemas.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';

interface Props {
  tokens: TokenView[];
  /** Whether they are of several people. */
  withUser: boolean;
  onRevoke: (token: TokenView) => void;
}

export function TokenTable({ tokens, withUser, onRevoke }: Props) {
  return (
    <Table.ScrollContainer minWidth={withUser ? 760 : 620}>
      <Table verticalSpacing="xs" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            {withUser && <Table.Th>Acts as</Table.Th>}
            <Table.Th>Made</Table.Th>
            <Table.Th>Last used</Table.Th>
            <Table.Th>Expires</Table.Th>
            <Table.Th>
              <VisuallyHidden>Actions</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map((token) => (
            <Table.Tr key={token.id}>
              <Table.Td>
                <VisibleText>{token.name}</VisibleText>
              </Table.Td>
              {withUser && (
                <Table.Td>
                  <VisibleText>{token.user}</VisibleText>
                </Table.Td>
              )}
              <Table.Td>
                <When at={token.createdAt} />
                {token.createdBy !== token.user && (
                  <Text size="xs" c="dimmed">
                    by <VisibleText>{token.createdBy ?? 'somebody who is gone'}</VisibleText>
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{token.lastUsedAt === null ? 'Never' : <When at={token.lastUsedAt} />}</Table.Td>
              <Table.Td>
                {token.expired ? (
                  <Badge color="gray" variant="light" title={token.expiresAt}>
                    Expired
                  </Badge>
                ) : (
                  <When at={token.expiresAt} />
                )}
              </Table.Td>
              <Table.Td ta="right">
                <Button
                  variant="subtle"
                  color="red"
                  size="compact-sm"
                  aria-label={`Revoke ${token.name}`}
                  onClick={() => onRevoke(token)}
                >
                  Revoke
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
