/** Whether the gateway answers at all. Every request reports here; the banner listens. */
type Listener = () => void;

let reachable = true;
const listeners = new Set<Listener>();

export const apiStatus = {
  isReachable: () => reachable,
  subscribe(listener: Listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  report(next: boolean) {
    if (next === reachable) return;
    reachable = next;
    for (const listener of listeners) listener();
  },
};
