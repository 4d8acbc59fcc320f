/** Which lists of the console a notice is about; a session's own changes are told by its id. */
import type { ConsoleTopic } from '#shared/console-events.ts';
import type { Notice } from '#db/notices.ts';

/** A connection warns of groups without members and of channels that refuse; an agent shows which connections use it. */
const shownWith: Readonly<Record<ConsoleTopic, ConsoleTopic[]>> = {
  agents: [],
  connections: ['agents'],
  plugins: ['connections'],
  users: ['connections'],
  tokens: [],
};

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
    case 'changed':
      return [notice.topic, ...shownWith[notice.topic]];
    default:
      return [];
  }
}
