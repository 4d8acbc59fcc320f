/** Which of the first steps is done, which can be taken, and what each waits for. */
import type { FirstRunView } from '#shared/first-run-schemas.ts';
import { isEndState } from '#shared/session-states.ts';
import { scriptLanguage } from './script-language.ts';

export type StepName = 'agent' | 'connection' | 'slack' | 'exec';
export type StepState = 'done' | 'next' | 'optional' | 'later';

export const stepTitles: Readonly<Record<StepName, string>> = {
  agent: 'Start an agent',
  connection: 'Make a connection',
  slack: 'Connect Slack',
  exec: 'Run a first command',
};

export interface Step {
  name: StepName;
  state: StepState;
  /** How it is now, in a sentence. */
  standing: string;
}

export function firstRunSteps(view: FirstRunView): Step[] {
  const steps = [agentStep(view), connectionStep(view), slackStep(view), execStep(view)];
  // Slack can wait, so it alone is never what must come next.
  const next = steps.find(({ state }) => state === 'next');
  return steps.map((step) => (step.state === 'next' && step !== next ? { ...step, state: 'later' as const } : step));
}

function agentStep({ agent }: FirstRunView): Step {
  const name = 'agent';
  if (!agent) return { name, state: 'next', standing: 'There is no agent yet.' };
  if (agent.online) return { name, state: 'done', standing: `${agent.name} is online.` };
  return {
    name,
    state: 'next',
    standing: `${agent.name} is not connected. Start it with the command that was shown when it was made, or make a new token for it.`,
  };
}

function connectionStep({ agent, connection }: FirstRunView): Step {
  const name = 'connection';
  if (!connection) {
    const standing = agent ? 'There is no connection yet.' : 'It names an agent, so the agent comes first.';
    return { name, state: agent ? 'next' : 'later', standing };
  }
  const asks = connection.reviewed ? 'waits for its reviewers' : 'runs at once';
  return {
    name,
    state: 'done',
    standing: `${connection.name} on ${connection.agent}; what is asked of it ${asks}.`,
  };
}

function slackStep({ slack }: FirstRunView): Step {
  const name = 'slack';
  if (!slack) return { name, state: 'optional', standing: 'Not connected.' };
  if (slack.connected) return { name, state: 'done', standing: `Connected to ${slack.team ?? 'a workspace'}.` };
  return { name, state: 'optional', standing: slack.problem ?? 'hoop is connecting to it.' };
}

function execStep({ connection, lastSession, finished }: FirstRunView): Step {
  const name = 'exec';
  if (finished) return { name, state: 'done', standing: `A command ran on ${finished.connection}.` };
  if (!connection) return { name, state: 'later', standing: 'It needs a connection.' };
  if (lastSession && !isEndState(lastSession.state)) {
    return { name, state: 'next', standing: openStanding(lastSession) };
  }
  if (!connection.agentOnline) {
    return { name, state: 'later', standing: `It needs the agent ${connection.agent}, which is not connected.` };
  }
  const before = lastSession ? `The last one, on ${lastSession.connection}, was ${lastSession.state}.` : '';
  return { name, state: 'next', standing: before || 'Nothing ran yet.' };
}

function openStanding({ state, connection }: NonNullable<FirstRunView['lastSession']>): string {
  if (state === 'pending') return `Your request on ${connection} waits for a reviewer; nobody approves their own.`;
  return `On ${connection} a command is ${state}.`;
}

/** A command line that changes nothing, for what the connection runs. */
export function firstCommand({ name, command }: NonNullable<FirstRunView['connection']>): string {
  const inputs = { sql: 'select 1', python: 'print(1)', javascript: 'console.log(1)', ruby: 'puts 1' };
  const language = scriptLanguage(command);
  const input = language !== null && language in inputs ? inputs[language as keyof typeof inputs] : 'ls';
  return `hoop exec ${name} -i '${input}'`;
}
