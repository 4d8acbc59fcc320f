/** What leads an admin through a new installation to its first command. */
import type { FirstRunView } from '#shared/first-run-schemas.ts';
import { policySchema } from '#shared/policy-schema.ts';
import { audit } from '#db/audit.ts';
import { readFirstRunFacts } from '#db/first-run.ts';
import { findPlugin, initSetting, readSetting } from '#db/plugins.ts';
import { inTransaction, type Queryable } from '#db/pool.ts';
import { actorName, requireAdmin, type Context } from './context.ts';
import { pluginViewOf } from './plugin-views.ts';
import { slackPlugin } from './slack-tokens.ts';

/** Of the installation, not of a browser: what one admin put away, no other is shown. */
const dismissedSetting = 'first-run.dismissed';

/** Worked out from what there is; for admins. */
export async function getFirstRun(ctx: Context): Promise<FirstRunView> {
  requireAdmin(ctx);
  const { db } = ctx.core;
  const [{ connection, ...facts }, slack, dismissedAt] = await Promise.all([
    readFirstRunFacts(db),
    slackOf(db),
    readSetting(db, dismissedSetting),
  ]);
  const dismissed = dismissedAt !== undefined;
  return {
    open: !dismissed && facts.finished === null,
    dismissed,
    ...facts,
    connection: connection && {
      name: connection.name,
      agent: connection.agent,
      agentOnline: connection.agentOnline,
      command: connection.command,
      reviewed: isReviewed(connection.policy),
    },
    slack,
  };
}

async function slackOf(db: Queryable): Promise<FirstRunView['slack']> {
  const plugin = await findPlugin(db, slackPlugin);
  if (!plugin) return null;
  const { team, state, lastError } = await pluginViewOf(db, plugin);
  return { team: team?.name ?? null, connected: state === 'connected', problem: lastError };
}

/** What cannot be read lets nothing run without people. */
function isReviewed(policy: unknown): boolean {
  const parsed = policySchema.safeParse(policy);
  return !parsed.success || parsed.data.groups.length > 0;
}

/** Nobody is led there any more. */
export async function dismissFirstRun(ctx: Context): Promise<FirstRunView> {
  requireAdmin(ctx);
  await inTransaction(ctx.core.db, async (tx) => {
    if ((await readSetting(tx, dismissedSetting)) !== undefined) return;
    await initSetting(tx, dismissedSetting, Buffer.from(ctx.core.now().toISOString()), false);
    await audit(tx, { actor: actorName(ctx.actor), action: 'first_run.dismiss', subject: 'installation' });
  });
  return getFirstRun(ctx);
}
