export interface Returns {
  /** There is a network again: a line of before may be dead. */
  online: () => void;
  /** Somebody looks at the page again: its timers may have stood still. */
  visible: () => void;
}

/** Gives a function that tells no more. */
export function onReturn({ online, visible }: Returns): () => void {
  const onVisibility = () => {
    if (!document.hidden) visible();
  };
  window.addEventListener('online', online);
  document.addEventListener('visibilitychange', onVisibility);
  return () => {
    window.removeEventListener('online', online);
    document.removeEventListener('visibilitychange', onVisibility);
  };
}
