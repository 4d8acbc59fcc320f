import { forgetToken, readCliConfig } from '#config/cli.ts';
import { paths } from '#shared/api-paths.ts';
import { HoopError } from '#shared/errors.ts';
import { createClient } from '../client.ts';
import { say } from '../terminal.ts';

export async function logoutCommand(): Promise<void> {
  const config = readCliConfig();
  if (config.token === null) return say('Nobody is signed in.');
  try {
    await createClient(config).post(paths.logout, {});
  } catch (error) {
    if (!(error instanceof HoopError) || error.code !== 'not_signed_in') {
      if (!config.tokenFromEnv) forgetToken(config.home);
      const kept = config.tokenFromEnv ? '' : 'The token is forgotten here, but ';
      const why = error instanceof HoopError ? error.message : String(error);
      throw new HoopError('unavailable', `${kept}the gateway did not end it: ${why}`, { cause: error });
    }
  }
  if (!config.tokenFromEnv) forgetToken(config.home);
  say(config.tokenFromEnv ? 'The token of HOOP_TOKEN is ended; unset it.' : 'Signed out.');
}
