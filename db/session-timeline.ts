/** Table `session_views`, and what the tables beside `sessions` and `decisions` know of one session's way. */
import type { DecisionVia } from './decisions.ts';
import type { Queryable } from './pool.ts';

/** The first time counts, of each version of the request; later ones change nothing. */
export async function insertSessionView(
  db: Queryable,
  view: { sessionId: string; envelopeVersion: number; userId: string; via: DecisionVia },
): Promise<void> {
  await db.query(
    `insert into session_views (session_id, envelope_version, user_id, via) values ($1, $2, $3, $4) on conflict do nothing`,
    [view.sessionId, view.envelopeVersion, view.userId, view.via],
  );
}

export interface TimelineRow {
  at: Date;
  /** `audit`: a row of the audit log, with its action in the details. */
  source: 'seen' | 'posted' | 'notified' | 'started' | 'audit';
  /** E-mail address, or the actor as the audit log has it. */
  who: string | null;
  via: DecisionVia | null;
  details: Record<string, unknown>;
}

/** Of one session; what comes after them is left out. */
const mostRows = 500;

/** Everything in one statement: pages ask for it with each change they show. A Slack `ts` is the time of its message. */
export async function listTimelineRows(db: Queryable, sessionId: string): Promise<TimelineRow[]> {
  const found = await db.query<TimelineRow>(
    `select first_seen_at as at, 'seen' as source, u.email as who, via, jsonb_build_object('version', envelope_version) as details
       from session_views v join users u on u.id = v.user_id where v.session_id = $1
     union all
     select to_timestamp(ts::double precision), 'posted', null, 'slack', jsonb_build_object('channel', channel)
       from slack_messages where session_id = $1 and kind = 'review' and ts is not null
     union all
     select sent_at, 'notified', u.email, 'slack', jsonb_build_object('event', event)
       from slack_direct_messages m join users u on u.id = m.user_id where session_id = $1 and sent_at is not null
     union all
     select consumed_at, 'started', null, null, jsonb_build_object('agent', a.name, 'host', i.hostname)
       from runs r left join agent_instances i on i.id = r.agent_instance_id left join agents a on a.id = i.agent_id
       where session_id = $1
     union all
     select at, 'audit', actor, null, details || jsonb_build_object('action', action)
       from audit_log where subject = $2
     order by at limit $3`,
    [sessionId, `session:${sessionId}`, mostRows],
  );
  return found.rows;
}
