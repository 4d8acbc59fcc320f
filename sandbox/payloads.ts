import type { App, Channel, Json, Message, Person, Team, View } from './model.ts';

/** Things as Slack writes them in answers and payloads. */

export function messageJson(message: Message, team: Team): Json {
  const bot = message.botId && {
    bot_id: message.botId,
    app_id: message.appId,
    bot_profile: {
      id: message.botId,
      app_id: message.appId,
      user_id: message.user,
      name: message.username,
      icons: {},
      deleted: false,
      updated: Math.floor(Number(message.ts)),
      team_id: team.id,
    },
  };
  return {
    user: message.user,
    type: 'message',
    ts: message.ts,
    ...(bot || {}),
    text: message.text,
    team: team.id,
    ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
    ...(message.blocks ? { blocks: message.blocks } : {}),
    ...(message.attachments ? { attachments: message.attachments } : {}),
    ...(message.metadata ? { metadata: message.metadata } : {}),
    ...(message.edited ? { edited: message.edited } : {}),
  };
}

/** A channel as interaction payloads and slash commands name it. */
export function placeJson(channel: Channel): { id: string; name: string } {
  const { id, name, isPrivate, im, mpim } = channel;
  if (im) return { id, name: 'directmessage' };
  return { id, name: isPrivate && !mpim ? 'privategroup' : name };
}

export function channelJson(channel: Channel, app: App, team: Team, counted = false): Json {
  if (channel.im) {
    const { personId } = channel.im;
    return {
      id: channel.id,
      created: 1_700_000_000,
      is_im: true,
      is_archived: false,
      user: personId,
      context_team_id: team.id,
    };
  }
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !channel.isPrivate,
    is_group: channel.isPrivate,
    is_im: false,
    is_mpim: channel.mpim === true,
    is_private: channel.isPrivate,
    is_archived: channel.isArchived,
    is_general: channel.name === 'general',
    is_shared: false,
    is_ext_shared: false,
    is_org_shared: false,
    is_member: channel.members.includes(app.botUserId),
    ...(counted ? { num_members: channel.members.length } : {}),
    created: 1_700_000_000,
    updated: 1_700_000_000_000,
    creator: channel.members[0] ?? '',
    context_team_id: team.id,
    shared_team_ids: [team.id],
    pending_shared: [],
    unlinked: 0,
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    previous_names: [],
  };
}

export function viewJson(view: View, app: App, team: Team): Json {
  return {
    id: view.id,
    team_id: team.id,
    type: view.type,
    blocks: view.blocks,
    private_metadata: view.privateMetadata,
    callback_id: view.callbackId,
    external_id: view.externalId,
    state: { values: view.values },
    hash: view.hash,
    title: view.title ?? { type: 'plain_text', text: 'View Title', emoji: true },
    submit: view.submit ?? null,
    close: view.close ?? null,
    clear_on_close: view.clearOnClose,
    notify_on_close: view.notifyOnClose,
    submit_disabled: false,
    previous_view_id: view.previousViewId,
    root_view_id: view.rootViewId,
    app_id: app.appId,
    app_installed_team_id: team.id,
    bot_id: app.botId,
  };
}

/** What every interaction payload says about who and where. */
export function actorJson(person: Person, team: Team, app: App): Json {
  return {
    user: { id: person.id, username: person.name, name: person.name, team_id: team.id },
    team: { id: team.id, domain: team.domain },
    api_app_id: app.appId,
    token: 'sandbox-verification-token',
    enterprise: null,
    is_enterprise_install: false,
  };
}
