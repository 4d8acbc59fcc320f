/** Wall clock in milliseconds since the epoch, finer than Date.now(): comparable between processes of one machine. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
