/** A minimal Bolt app of its own in the same sandbox, in a process of its own: what Slack and Bolt cost at least. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface SlackBaseline {
  /** Posts a message with a button for each way to answer (`ack`, `update`, `workflow`); gives its ts. */
  post(channel: string): Promise<string>;
  /** So many bare chat.update calls, `inFlight` at a time; gives the milliseconds of all. */
  updates(request: Omit<BareUpdates, 'do'>): Promise<number>;
  stop(): Promise<void>;
}

interface BareUpdates {
  do: 'updates';
  targets: { channel: string; ts: string }[];
  times: number;
  inFlight: number;
  /** `text` and `blocks`, as a call takes them. */
  message: object;
}
export type BoltRequest = { do: 'post'; channel: string } | BareUpdates;
export interface BoltAnswer {
  /** 0: the app is up. */
  id: number;
  value: string | number | null;
  error?: string;
}

export async function startSlackBaseline(options: {
  slackApiUrl: string;
  temporalAddress: string;
  botToken: string;
  appToken: string;
}): Promise<SlackBaseline> {
  const { slackApiUrl, temporalAddress, botToken, appToken } = options;
  // tokens of the sandbox, which lets anyone in: nothing is lost by having them in argv
  const app = fork(fileURLToPath(new URL('./baseline-bolt.mjs', import.meta.url)), [
    slackApiUrl,
    temporalAddress,
    botToken,
    appToken,
  ]);
  const exited = new Promise<void>((resolve) => app.once('exit', () => resolve()));
  const waiting = new Map<number, (answer: BoltAnswer) => void>();
  let last = 0;
  const answerTo = (id: number): Promise<BoltAnswer> =>
    new Promise((resolve, reject) => {
      waiting.set(id, resolve);
      void exited.then(() => reject(new Error('the Slack baseline ended')));
    });
  app.on('message', (answer: BoltAnswer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  const ask = async (request: BoltRequest): Promise<BoltAnswer['value']> => {
    const id = (last += 1);
    const answered = answerTo(id);
    app.send({ id, request });
    const { value, error } = await answered;
    if (error !== undefined) throw new Error(`the Slack baseline: ${error}`);
    return value;
  };
  await answerTo(0);
  return {
    post: async (channel) => String(await ask({ do: 'post', channel })),
    updates: async (request) => Number(await ask({ do: 'updates', ...request })),
    async stop() {
      app.kill('SIGTERM');
      const late = setTimeout(() => app.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(late);
    },
  };
}
