import { expect, test } from 'vitest';
import { isEndState } from '#shared/session-states.ts';
import { seededRun } from '../support/seeded.ts';
import { Simulation } from './simulation-model.ts';

function problemOf(simulation: Simulation): string | null {
  const { state, ends, workflowResults, starts, told } = simulation;
  if (!isEndState(state)) return `open: ${state}`;
  if (ends.length !== 1) return `${ends.length} ends: ${ends.join(', ')}`;
  if (workflowResults.length !== 1 || workflowResults[0] !== state)
    return `Temporal says ${workflowResults.join(', ')}`;
  if (starts.length > 1) return `started ${starts.length} times`;
  if (starts.some((start) => start !== 'fair')) return `started while ${starts.join(', ')}, or unapproved`;
  const counted = told.filter((one) => one.refusal === null);
  const stopped = counted.find((one) => one.verdict !== 'approve' && one.state !== 'running');
  if (starts.length > 0 && stopped) return `started after ${stopped.verdict}`;
  if (starts.length === 0 && ['finished', 'failed', 'lost'].includes(state)) return `${state} without a start`;
  if (state === 'rejected' && !counted.some((one) => one.verdict === 'reject')) return 'rejected by nobody';
  if (state === 'revoked' && !counted.some((one) => one.verdict === 'revoke')) return 'revoked by nobody';
  const untrue = told.find((one) => one.refusal === 'closed' && one.state === 'pending' && one.verdict !== 'approve');
  return untrue ? `told closed while ${untrue.state}` : null;
}

test('a hundred thousand sessions with everybody at them at once: one end each, and the truth for every loser', () => {
  const run = seededRun('simulation', 100_000);
  const seen = new Map<string, number>();
  for (const index of run.indexes()) {
    const simulation = new Simulation(run.of(index));
    let problem: string | null;
    try {
      simulation.play(20_000);
      problem = problemOf(simulation);
    } catch (error) {
      problem = String(error);
    }
    if (problem !== null) expect.fail(`${problem}; ${run.repeat(index)}`);
    seen.set(simulation.state, (seen.get(simulation.state) ?? 0) + 1);
  }
  console.log(`ends: ${[...seen].map(([state, count]) => `${state} ${count}`).join(', ')}`);
  // every way to end was taken: the choices are wide enough to mean something
  const ends = ['finished', 'rejected', 'expired', 'cancelled', 'revoked'];
  if (run.indexes().length >= 1000) expect([...seen.keys()].sort()).toEqual(ends.sort());
  else expect(seen.size).toBeGreaterThan(0);
}, 180_000);
