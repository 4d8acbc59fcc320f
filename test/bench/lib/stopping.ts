/** Whatever happens, what was started is stopped: at the end, on an error, on a signal. */

type Stop = () => Promise<void>;

/** Runs `work`; what it hands to `onStop` is called afterwards, the last first. Ends the process. */
export async function until(work: (onStop: (stop: Stop) => void) => Promise<void>): Promise<never> {
  const stops: Stop[] = [];
  const interrupted = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve(130));
  });
  const done = work((stop) => stops.push(stop)).then(
    () => 0,
    (error: unknown) => {
      console.error(error);
      return 1;
    },
  );
  const status = await Promise.race([done, interrupted]);
  if (status === 130) console.error('Stopping...');
  for (const stop of stops.reverse()) await stop().catch((error: unknown) => console.error(error));
  process.exit(status);
}
