/** The sandbox's control API, as a person at Slack would use it. */
import { eventually } from './eventually.ts';

export interface SandboxMessage {
  ts: string;
  thread_ts?: string;
  text: string;
  blocks?: unknown[];
  ephemeral?: boolean;
}

export class SandboxClient {
  constructor(readonly url: string) {}

  async messages(channel: string, as: string): Promise<SandboxMessage[]> {
    const answer = await this.call<{ messages: SandboxMessage[] }>(
      'GET',
      `/control/messages?channel=${encodeURIComponent(channel)}&as=${as}`,
    );
    return answer.messages;
  }

  /** Waits for a message whose text or blocks hold `text`. */
  message(channel: string, as: string, text: string): Promise<SandboxMessage> {
    return eventually(async () => (await this.messages(channel, as)).find((m) => JSON.stringify(m).includes(text)), {
      describe: `a message with ${JSON.stringify(text)} in ${channel} for ${as}`,
    });
  }

  click(as: string, channel: string, ts: string, actionId: string): Promise<{ acked: boolean; ackMs: number }> {
    return this.call('POST', '/control/click', { as, channel, ts, actionId });
  }

  clickInView(as: string, viewId: string, actionId: string): Promise<{ acked: boolean; ackMs: number }> {
    return this.call('POST', '/control/click', { as, viewId, actionId });
  }

  async views(
    as: string,
  ): Promise<{ id: string; callback_id: string; blocks: { type: string; block_id: string }[] }[]> {
    return (await this.call<{ views: [] }>('GET', `/control/views?as=${as}`)).views;
  }

  submit(
    viewId: string,
    as: string,
    values: Record<string, unknown>,
  ): Promise<{ acked: boolean; responseAction: string | null }> {
    return this.call('POST', `/control/views/${viewId}/submit`, { as, values });
  }

  fault(fault: Record<string, unknown>): Promise<{ id: string }> {
    return this.call('POST', '/control/faults', fault);
  }

  async clearFault(id: string): Promise<void> {
    await this.call('DELETE', `/control/faults/${id}`);
  }

  async clearFaults(): Promise<void> {
    await this.call('DELETE', '/control/faults');
  }

  protected async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
