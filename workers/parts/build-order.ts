/** Which of two builds should have the work. Build ids begin with the release: `0.2.0-1f2e3d4c5b6a`. */

export interface CurrentBuild {
  buildId: string;
  /** A worker of it polls. */
  alive: boolean;
}

/**
 * Whether a worker of the build `mine` makes its build the current one. The newest release that is alive has the
 * work: an older replica that restarts in the middle of an upgrade must not take it back. Between builds of one
 * release, which nobody can order, the one that was started last has it.
 */
export function takesOver(mine: string, current: CurrentBuild | null, moment: 'start' | 'later'): boolean {
  // none: workers without a build, of releases before builds had one
  if (current === null) return true;
  if (current.buildId === mine) return false;
  if (!current.alive) return true;
  const order = compareReleases(mine, current.buildId);
  return order > 0 || (order === 0 && moment === 'start');
}

function compareReleases(a: string, b: string): number {
  const [left, right] = [releaseOf(a), releaseOf(b)];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

/** An id made by hand, e.g. in Temporal's UI, is older than any. */
function releaseOf(buildId: string): number[] {
  return (/^(\d+)\.(\d+)\.(\d+)/.exec(buildId) ?? []).slice(1).map(Number).concat([-1, -1, -1]).slice(0, 3);
}
