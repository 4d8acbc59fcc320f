/** A plugin as `hoop admin get plugin slack` shows it. */
import type { PluginView } from '#shared/api-schemas.ts';
import { localStamp } from './times.ts';

export const socketsText = ({ sockets }: PluginView): string => `${sockets.open} of ${sockets.limit}`;

export function pluginFields(p: PluginView): [string, string | null | undefined][] {
  return [
    ['name', p.name],
    ['state', p.state],
    ['last error', p.lastError && since(p.lastError, p.lastErrorAt)],
    ['settings', p.configured.join(', ') || '-'],
    ['team', p.team && `${p.team.name} (${p.team.id})`],
    ['bot user', p.botUser],
    ['app id', p.appId],
    ['api url', p.apiUrl],
    ['scopes', p.scopes.join(', ') || '-'],
    ['sockets', `${socketsText(p)} open`],
    ['replicas', p.sockets.replicas.map(replicaText).join('\n')],
    ['channels', p.channels.map(channelText).join('\n')],
    ['updated', localStamp(p.updatedAt)],
  ];
}

function replicaText(replica: PluginView['sockets']['replicas'][number]): string {
  const { address, state, openSockets, lastError, lastErrorAt } = replica;
  const word = state === 'waiting' ? 'waiting for a socket to come free' : state;
  const problem = lastError === null ? '' : `: ${since(lastError, lastErrorAt)}`;
  return `${address}  ${openSockets} open, ${word} since ${localStamp(replica.since)}${problem}`;
}

function channelText({ id, name, failure, lastSuccessAt }: PluginView['channels'][number]): string {
  const who = name === id ? id : `${name} (${id})`;
  if (!failure) return `${who}  last message ${localStamp(lastSuccessAt)}`;
  const times = failure.count === 1 ? 'once' : `${failure.count} times`;
  return `${who}  refused ${times} since ${localStamp(failure.since)}: ${failure.message} (${failure.code})`;
}

const since = (text: string, at: string | null): string => (at === null ? text : `${text} (since ${localStamp(at)})`);
