/** Which errors are parts of the console that could not be fetched: gone since an upgrade, or the line is down. */
const failures = new WeakSet<object>();

/** Vite tells of them: https://vite.dev/guide/build#load-error-handling */
export function watchLoadFailures(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const { payload } = event as Event & { payload?: unknown };
    if (typeof payload === 'object' && payload !== null) failures.add(payload);
  });
}

export const isLoadFailure = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && failures.has(error);
