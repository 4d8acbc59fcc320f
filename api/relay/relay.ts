/** Everything between the people who watch and type here and the agents, wherever these are connected. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createAgentHub, type AgentHub, type AgentHubOptions } from './agent-hub.ts';
import { createKeyboards, type Keyboards } from './keyboards.ts';
import { createPeerHolder } from './peer-holder.ts';
import { createPeers, type Peers, type PeersOptions } from './peers.ts';

export interface Relay {
  hub: AgentHub;
  keyboards: Keyboards;
  peers: Peers;
  /** Takes the upgrade requests of other gateways; false leaves a request to others. */
  handlePeer(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  close(): void;
}

export type RelayOptions = Omit<AgentHubOptions, 'onLine' | 'onInputTaken'> & Pick<PeersOptions, 'timing'>;

export function createRelay({ timing, ...options }: RelayOptions): Relay {
  const { core, feed, gatewayId, log } = options;
  const hub = createAgentHub({
    ...options,
    onLine(sessionId) {
      keyboards.onLine(sessionId);
      holder.onLine(sessionId);
    },
    onInputTaken(...taken) {
      keyboards.onTaken(...taken);
      holder.onInputTaken(...taken);
    },
  });
  const holder = createPeerHolder({ gatewayId, sealer: core.sealer, feed, hub, log });
  const peers = createPeers({
    core,
    gatewayId,
    feed,
    log,
    onLine: (sessionId) => keyboards.onLine(sessionId),
    onInputTaken: (...taken) => keyboards.onTaken(...taken),
    ...(timing && { timing }),
  });
  const keyboards = createKeyboards([hub.terminals, peers.terminals]);
  return {
    hub,
    keyboards,
    peers,
    handlePeer: (...upgrade) => holder.handleUpgrade(...upgrade),
    close() {
      peers.close();
      holder.close();
      hub.close();
    },
  };
}
