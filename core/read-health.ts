/** How every part of hoop is now, for admins: each is measured beside the others, within a time of its own. */
import type { HealthPart, HealthView } from '#shared/health-schemas.ts';
import { requireAdmin, type Context } from './context.ts';
import { measured, worst, type Measuring } from './health-part.ts';
import { agentHealth, gatewayHealth, versionHealth, workerHealth } from './health-processes.ts';
import { postgresHealth, temporalHealth } from './health-stores.ts';
import { auditHealth, messageHealth, recordingHealth, sessionHealth, slackHealth, sweepHealth } from './health-work.ts';

const answerWithinMs = 3000;

export interface ReadHealth {
  version: string;
  withinMs?: number;
}

export async function readHealth(
  ctx: Context,
  { version, withinMs = answerWithinMs }: ReadHealth,
): Promise<HealthView> {
  requireAdmin(ctx);
  const { core } = ctx;
  const by: Measuring = { core, version, withinMs };
  const parts: HealthPart[] = await Promise.all([
    measured('gateways', withinMs, () => gatewayHealth(by)),
    measured('workers', withinMs, () => workerHealth(by)),
    measured('agents', withinMs, () => agentHealth(by)),
    measured('postgres', withinMs, () => postgresHealth(by)),
    measured('temporal', withinMs, () => temporalHealth(by), 'temporal_away'),
    measured('slack', withinMs, () => slackHealth(by)),
    measured('messages', withinMs, () => messageHealth(by)),
    measured('sessions', withinMs, () => sessionHealth(by)),
    measured('sweep', withinMs, () => sweepHealth(by)),
    measured('recordings', withinMs, () => recordingHealth(by)),
    measured('audit', withinMs, () => auditHealth(by)),
    measured('versions', withinMs, () => versionHealth(by)),
  ]);
  return { at: core.now().toISOString(), state: worst(parts.map(({ state }) => state)), version, parts };
}
