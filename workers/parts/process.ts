/** The life of a server process: ready when it says so, gone on SIGTERM or when the process that started it is. */
import pino, { type Logger } from 'pino';
import { HoopError } from '#shared/errors.ts';

/** What a process hands back once it runs: what to report as ready, and how to stop. */
export interface Running {
  details: Record<string, unknown>;
  stop: () => Promise<void>;
}

const stopWithinMs = 8000;

export async function runProcess(
  name: string,
  start: (log: (level: string) => Logger) => Promise<Running>,
): Promise<void> {
  const boot = pino({ name });
  let log = boot;
  try {
    const running = await start(
      (level) => (log = pino({ name, level, redact: ['req.headers.authorization', 'req.headers.cookie'] })),
    );
    let stopping = false;
    const stop = (why: string): void => {
      if (stopping) return;
      stopping = true;
      log.info({ why }, 'stopping');
      setTimeout(() => process.exit(1), stopWithinMs).unref();
      running.stop().then(
        () => process.exit(0),
        (error: Error) => {
          log.error({ err: error }, 'did not stop cleanly');
          process.exit(1);
        },
      );
    };
    process.on('SIGTERM', () => stop('SIGTERM'));
    process.on('SIGINT', () => stop('SIGINT'));
    process.on('disconnect', () => stop('the process that started this one is gone'));
    process.on('unhandledRejection', (error) => {
      log.error({ err: error }, 'an error nobody waited for');
    });
    log.info(running.details, 'ready');
    process.send?.({ type: 'ready', ...running.details });
  } catch (error) {
    if (error instanceof HoopError) log.fatal(error.message);
    else log.fatal({ err: error }, `${name} could not start`);
    process.exit(1);
  }
}
