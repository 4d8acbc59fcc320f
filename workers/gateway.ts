/** The gateway: REST API, console, streams, the Slack app, and the relay to the agents that dial in. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { formatListen } from '#config/environment.ts';
import { serverConfig } from '#config/server.ts';
import { agentConnectPath, agentFrameBytes } from '#shared/agent-protocol.ts';
import { createApp } from '#api/app.ts';
import { createMetrics } from '#api/metrics.ts';
import { refuseUpgrade } from '#api/relay/peer-holder.ts';
import { createRelay } from '#api/relay/relay.ts';
import { createSessionFeed } from '#api/relay/session-feed.ts';
import { createSignInWaiters } from '#api/sign-in-waiters.ts';
import { createStreams } from '#api/stream.ts';
import { createWaitingRuns } from '#core/waiting-runs.ts';
import { loadGatewayKey } from '#core/gateway-key.ts';
import { saveRoundTrips } from '#db/agents.ts';
import { migrate } from '#db/migrate.ts';
import { listen } from '#db/notices.ts';
import { createSlackRuntime } from '#slack/runtime.ts';
import { version } from './parts/version.ts';
import { createAgentQueues } from './parts/agent-queues.ts';
import { openCore } from './parts/core.ts';
import { holdEarlyRequests } from './parts/early-requests.ts';
import { firstRun } from './parts/first-run.ts';
import { holdLease } from './parts/gateway-lease.ts';
import { topicsOf } from './parts/notice-topics.ts';
import { runProcess } from './parts/process.ts';
import { createReadiness } from './parts/readiness.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

await runProcess('gateway', async (openLog) => {
  const config = serverConfig();
  const log = openLog(config.logLevel);
  for (const name of await migrate(config.databaseUrl, here('./migrations'))) log.info({ migration: name }, 'migrated');

  const server = createServer();
  const answer = holdEarlyRequests(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.listen.port, config.listen.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const apiUrl = `http://${formatListen({ ...config.listen, port })}`;
  const { core, connection, namespace, close } = await openCore(config, config.publicUrl ?? apiUrl, log);

  const gatewayId = randomUUID();
  const slack = createSlackRuntime({ core, log, gatewayId });
  const gatewayKey = await loadGatewayKey(core);
  const feed = createSessionFeed();
  const waiting = createWaitingRuns();
  const signIns = createSignInWaiters();
  const queues = createAgentQueues({
    core,
    connection,
    namespace,
    gatewayKey,
    gatewayId,
    waiting,
    hub: () => relay.hub,
  });
  const relay = createRelay({ core, feed, gatewayId, gatewayKey, log, onAgent: queues.set });
  const lease = await holdLease(core, gatewayId, config.peerUrl ?? apiUrl, () => {
    void slack.onSockets();
    saveRoundTrips(core.db, relay.hub.roundTrips()).catch((error: Error) =>
      log.warn({ err: error }, 'round trips of agents were not kept'),
    );
  });
  const slackChanged = (): void => {
    slack.onPluginChanged().catch((error: Error) => log.error({ err: error }, 'Slack could not be set up anew'));
  };
  let started = false;
  const notices = await listen({
    url: config.databaseUrl,
    onNotice(notice) {
      for (const topic of topicsOf(notice)) feed.publishTopic(topic);
      if (notice.kind === 'state') {
        feed.publish(notice.id, { kind: 'state' });
        relay.peers.onState(notice.id);
      } else if (notice.kind === 'output') feed.publish(notice.id, { kind: 'output', upTo: notice.offset });
      else if (notice.kind === 'interrupt') relay.hub.interrupt(notice.id);
      else if (notice.kind === 'extended') relay.hub.extended(notice.id);
      else if (notice.kind === 'agent') {
        feed.publishSurroundings();
        waiting.freed({ agent: notice.name });
        relay.peers.onMoved();
        void relay.hub.fence(notice.name);
      } else if (notice.kind === 'place') waiting.freed(notice);
      else if (notice.kind === 'sign_in') signIns.decided(notice.id);
      else if (notice.kind === 'slack_sockets') void slack.onSockets();
      else if (notice.kind === 'plugin' && notice.name === 'slack') slackChanged();
    },
    onConnected: () => {
      feed.publishAll();
      waiting.freedAll();
      signIns.lookAgain();
      relay.peers.onMoved();
      if (!started) return;
      slackChanged();
      void slack.onSockets();
    },
    onError: (error) => log.warn({ err: error }, 'listening to Postgres broke'),
  });

  const readiness = createReadiness({ core, connection, namespace });
  const deps = {
    core,
    feed,
    keyboards: relay.keyboards,
    signIns,
    version,
    webRoot: here('./web'),
    readiness,
    metrics: createMetrics(),
  };
  const streams = createStreams(deps);
  const agents = new WebSocketServer({ noServer: true, maxPayload: agentFrameBytes, perMessageDeflate: false });
  answer({
    onRequest: createApp(deps),
    onUpgrade(request, socket, head) {
      const path = request.url?.split('?')[0]; // it need not be a URL
      if (path === agentConnectPath) agents.handleUpgrade(request, socket, head, (ws) => relay.hub.accept(ws));
      else if (!streams.handleUpgrade(request, socket, head) && !relay.handlePeer(request, socket, head))
        refuseUpgrade(socket);
    },
  });
  const sandboxUrl = config.sandboxUrl ?? null;
  await firstRun(core, { home: config.home, apiUrl: core.publicUrl, embedded: config.firstRun, sandboxUrl });
  await slack.start();
  started = true;

  return {
    details: { apiUrl, publicUrl: core.publicUrl, gatewayId },
    async stop() {
      server.close();
      signIns.lookAgain();
      await streams.close();
      relay.close();
      await queues.close();
      await slack.stop();
      await notices.close();
      await lease.release();
      server.closeAllConnections();
      await close();
    },
  };
});
