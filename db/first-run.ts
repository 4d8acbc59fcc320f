/** What a new installation has, of each sort the one that is furthest. */
import type { SessionState } from '#shared/session-states.ts';
import { onlineClause } from './agents.ts';
import type { Queryable } from './pool.ts';

export interface FirstRunFacts {
  agent: { name: string; online: boolean } | null;
  connection: { name: string; agent: string; agentOnline: boolean; command: string[]; policy: unknown } | null;
  lastSession: FirstRunSession | null;
  finished: FirstRunSession | null;
}

export interface FirstRunSession {
  id: string;
  connection: string;
  state: SessionState;
}

const agentOnline = `exists (select 1 from agent_instances i where i.agent_id = a.id and ${onlineClause})`;
const session = `jsonb_build_object('id', s.id, 'connection', s.connection_name, 'state', s.state)`;

export async function readFirstRunFacts(db: Queryable): Promise<FirstRunFacts> {
  const found = await db.query<FirstRunFacts>(
    `select
      (select jsonb_build_object('name', a.name, 'online', ${agentOnline})
        from agents a order by ${agentOnline} desc, a.created_at, a.name limit 1) as agent,
      (select jsonb_build_object('name', c.name, 'agent', a.name, 'agentOnline', ${agentOnline}, 'command', c.command,
          'policy', c.policy)
        from connections c join agents a on a.id = c.agent_id
        order by ${agentOnline} desc, c.created_at, c.name limit 1) as connection,
      (select ${session} from sessions s order by s.created_at desc limit 1) as "lastSession",
      (select ${session} from sessions s where s.state in ('finished', 'ended') limit 1) as finished`,
  );
  const facts = found.rows[0];
  if (!facts) throw new Error('a query for one row gave none');
  return facts;
}
