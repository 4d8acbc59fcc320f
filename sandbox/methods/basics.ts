import { SlackError } from '../errors.ts';
import { flag, text, type Method } from './method.ts';

export const basics: Record<string, Method> = {
  'api.test': {
    token: 'none',
    run({ args }) {
      if (text(args, 'error')) throw new SlackError(text(args, 'error'), { args });
      return { args };
    },
  },
  'auth.test': {
    token: 'any',
    run({ context, app, token }) {
      const team = context.workspace.team();
      const where = { url: `https://${team.domain}.slack.com/`, team: team.name, team_id: team.id };
      if (token.kind === 'app') return { app_id: app.appId, app_name: app.name, ...where };
      return { ...where, user: app.botName, user_id: app.botUserId, bot_id: app.botId, is_enterprise_install: false };
    },
  },
  'apps.connections.open': {
    token: 'app',
    scopes: ['connections:write'],
    run({ context, app, args }) {
      if (!app.socketMode) throw new SlackError('socket_mode_not_enabled');
      const ticket = context.hub.ticket(app.appId, flag(args, 'debug_reconnects'));
      return { url: context.baseUrl().replace(/^http/, 'ws') + ticket };
    },
  },
};
