import { SlackError } from '../errors.ts';
import { flag, text, type Method } from './method.ts';

export const basics: Record<string, Method> = {
  'api.test': {
    token: 'none',
    tier: 'four',
    run({ args }) {
      if (text(args, 'error')) throw new SlackError(text(args, 'error'), { args });
      return { args };
    },
  },
  'auth.test': {
    token: 'any',
    tier: 'special',
    run({ context, app, token }) {
      const team = context.workspace.team();
      const where = { url: `https://${team.domain}.slack.com/`, team: team.name, team_id: team.id };
      if (token.kind === 'app') return { app_id: app.appId, app_name: app.name, ...where };
      if (token.kind === 'user') {
        const person = context.workspace.person(token.personId!);
        return { ...where, user: person.name, user_id: person.id, is_enterprise_install: false };
      }
      return { ...where, user: app.botName, user_id: app.botUserId, bot_id: app.botId, is_enterprise_install: false };
    },
  },
  'team.info': {
    token: 'bot',
    tier: 'three',
    scopes: ['team:read'],
    json: false,
    run({ context }) {
      return { team: { ...context.workspace.team(), email_domain: '', icon: {} } };
    },
  },
  'apps.connections.open': {
    token: 'app',
    tier: 'three',
    scopes: ['connections:write'],
    json: false,
    headerToken: true,
    run({ context, app, args, bearer }) {
      if (!app.socketMode) throw new SlackError('socket_mode_not_enabled');
      const ticket = context.hub.ticket(app.appId, bearer, flag(args, 'debug_reconnects'));
      return { url: context.baseUrl().replace(/^http/, 'ws') + ticket };
    },
  },
};
