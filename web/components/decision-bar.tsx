import { Group, Stack, Text } from '@mantine/core';
import { useId, type Ref } from 'react';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { isEndState, sessionCan } from '#shared/session-states.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { forceFor, permissionFor, type Permission } from '../util/session-words.ts';
import { useMe } from './frame.tsx';
import type { DialogAction } from './decision-dialog.tsx';

interface Offer {
  action: DialogAction;
  label: string;
  permission: Permission;
  look: { color?: string; variant?: string };
}

interface Props {
  session: SessionDetail;
  onAction: (action: DialogAction) => void;
  ref: Ref<HTMLDivElement>;
}

/** What can be done with the session; what this person cannot do is there, switched off, and says why. */
export function DecisionBar({ session, onAction, ref }: Props) {
  const me = useMe();
  const id = useId();
  if (isEndState(session.state)) return null;
  const offers = offersFor(session, me);
  const refusals = [...new Set(offers.map(({ permission }) => refusalOf(permission)))].filter((why) => why !== null);
  const idOf = (why: string | null) => (why === null ? undefined : `${id}-${refusals.indexOf(why)}`);
  return (
    <Stack gap="xs">
      <Group gap="sm" ref={ref}>
        {offers.map(({ action, label, permission, look }) => (
          <ActionButton
            key={action}
            label={label}
            refusedBy={idOf(refusalOf(permission))}
            onClick={() => onAction(action)}
            {...look}
          />
        ))}
      </Group>
      {/* In words on the page: a phone has no hover. */}
      {refusals.map((why) => (
        <Text key={why} id={idOf(why)} size="sm" c="dimmed">
          {why}
        </Text>
      ))}
    </Stack>
  );
}

const refusalOf = ({ allowed, why }: Permission): string | null =>
  allowed ? null : (why ?? 'The gateway does not allow this to you.');

function offersFor(session: SessionDetail, me: { id: string; admin: boolean }): Offer[] {
  const offers: Offer[] = [];
  const mine = session.requester.id === me.id;
  const force = forceFor(session);
  const open = sessionCan('reject', session.state);
  if (open && session.review.groups.length > 0) {
    offers.push(
      {
        action: 'approve',
        label: 'Approve',
        permission: permissionFor(session, 'approve'),
        look: { color: 'green.9' },
      },
      {
        action: 'reject',
        label: 'Reject',
        permission: permissionFor(session, 'reject'),
        look: { color: 'red', variant: 'outline' },
      },
    );
    if (force)
      offers.push({ action: 'force', label: 'Force approval', permission: force, look: { variant: 'default' } });
  }
  if (mine && sessionCan('cancel', session.state)) {
    const permission = permissionFor(session, 'cancel');
    const label = session.state === 'active' ? 'Give back' : 'Withdraw';
    offers.push({ action: 'cancel', label, permission, look: { variant: 'default' } });
  }
  if (me.admin) {
    const permission = permissionFor(session, 'revoke');
    offers.push({ action: 'revoke', label: 'Revoke', permission, look: { variant: 'default' } });
  }
  return offers;
}
