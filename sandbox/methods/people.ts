import { SlackError } from '../errors.ts';
import type { App, Json, Person } from '../model.ts';
import type { Workspace } from '../workspace.ts';
import { page, text, type Method } from './method.ts';

const UPDATED = 1_700_000_000;

function userJson(workspace: Workspace, person: Person): Json {
  const team_id = workspace.team().id;
  return {
    id: person.id,
    team_id,
    name: person.name,
    deleted: false,
    real_name: person.realName,
    tz: 'Etc/UTC',
    tz_label: 'Coordinated Universal Time',
    tz_offset: 0,
    profile: {
      real_name: person.realName,
      real_name_normalized: person.realName,
      display_name: person.name,
      display_name_normalized: person.name,
      team: team_id,
    },
    is_admin: false,
    is_owner: false,
    is_bot: false,
    is_app_user: false,
    updated: UPDATED,
  };
}

function botUserJson(workspace: Workspace, app: App): Json {
  const person = userJson(workspace, { id: app.botUserId, name: app.botName.toLowerCase(), realName: app.botName });
  const profile = { ...(person.profile as Json), api_app_id: app.appId, bot_id: app.botId };
  return { ...person, profile, is_bot: true };
}

export const people: Record<string, Method> = {
  'users.info': {
    token: 'bot',
    tier: 'four',
    scopes: ['users:read'],
    json: false,
    run({ context: { workspace }, args }) {
      const id = text(args, 'user');
      const person = workspace.people().find((entry) => entry.id === id);
      if (person) return { user: userJson(workspace, person) };
      const app = workspace.botOf(id);
      if (!app) throw new SlackError('user_not_found');
      return { user: botUserJson(workspace, app) };
    },
  },
  'users.list': {
    token: 'bot',
    tier: 'two',
    scopes: ['users:read'],
    json: false,
    run({ context: { workspace }, args }) {
      const everybody = [
        ...workspace.people().map((person) => userJson(workspace, person)),
        ...workspace.apps().map((app) => botUserJson(workspace, app)),
      ];
      const { items, next_cursor } = page(everybody, args, 1000);
      return { members: items, cache_ts: UPDATED, response_metadata: { next_cursor } };
    },
  },
  'users.lookupByEmail': {
    token: 'bot',
    tier: 'three',
    scopes: ['users:read.email'],
    json: false,
    // The people of the sandbox have no addresses.
    run() {
      throw new SlackError('users_not_found');
    },
  },
  'bots.info': {
    token: 'bot',
    tier: 'three',
    scopes: ['users:read'],
    json: false,
    run({ context: { workspace }, args }) {
      const app = workspace.apps().find((entry) => entry.botId === text(args, 'bot'));
      if (!app) throw new SlackError('bot_not_found');
      const { botId: id, appId: app_id, botUserId: user_id, botName: name } = app;
      return { bot: { id, deleted: false, name, updated: UPDATED, app_id, user_id, icons: {} } };
    },
  },
};
