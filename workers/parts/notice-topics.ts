/** Which lists of the console a notice is about; a session's own changes are told by its id. */
import type { ConsoleTopic } from '#shared/console-events.ts';
import type { Notice } from '#db/notices.ts';

export function topicsOf(notice: Notice): ConsoleTopic[] {
  switch (notice.kind) {
    case 'agent': // a connection shows whether its agent is online
      return ['agents', 'connections'];
    case 'place':
      return ['agents'];
    case 'plugin': // a connection warns of a plugin that is not configured
      return ['plugins', 'connections'];
    case 'slack_sockets':
      return ['plugins'];
    case 'changed': // a connection warns of groups without members, and of channels that refuse
      return notice.topic === 'users' || notice.topic === 'plugins' ? [notice.topic, 'connections'] : [notice.topic];
    default:
      return [];
  }
}
