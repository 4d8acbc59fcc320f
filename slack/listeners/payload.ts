/** What hoop reads of Slack's payloads; names in them are never used to tell people apart. */
import type { BlockAction, ViewSubmitAction } from '@slack/bolt';
import type { SlackIdentity } from '#core/resolve-slack-user.ts';

export interface Click {
  identity: SlackIdentity;
  value: unknown;
  /** Of the block the button is in. */
  blockId: string | undefined;
  triggerId: string;
  channel: string | undefined;
  /** Of the clicked message. */
  ts: string | undefined;
}

export function clickOf(body: BlockAction): Click {
  const [action] = body.actions;
  const { container } = body;
  const ephemeral = container['is_ephemeral'] === true;
  return {
    identity: identityOf(body),
    value: action?.type === 'button' ? action.value : undefined,
    blockId: action?.block_id,
    triggerId: body.trigger_id,
    channel: body.channel?.id,
    ts: ephemeral || typeof container['message_ts'] !== 'string' ? undefined : container['message_ts'],
  };
}

/** A person from another workspace that shares the channel has that workspace's id. */
export function identityOf(body: BlockAction | ViewSubmitAction): SlackIdentity {
  return { userId: body.user.id, teamId: body.user.team_id ?? body.team?.id ?? '' };
}
