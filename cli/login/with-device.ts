/** Signs in with a code that is confirmed in any browser (RFC 8628). The gateway holds its answer until somebody did. */
import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from '#shared/api-paths.ts';
import { HoopError } from '#shared/errors.ts';
import type { CliToken, DeviceSignInStarted } from '#shared/sign-in-schemas.ts';
import { Unavailable, type ApiClient } from '../client.ts';
import { say } from '../terminal.ts';
import { checkPage, machineName, needsGateway } from './gateway-page.ts';

const waitSeconds = 20;

export async function signInWithDevice(client: ApiClient): Promise<CliToken> {
  const host = machineName();
  const started = await needsGateway(client, client.post<DeviceSignInStarted>(paths.deviceSignIn, { host }));
  const minutes = Math.ceil(started.expiresIn / 60);
  say(
    `Open this address in a browser, on any machine:\n\n  ${checkPage(started.verificationUriComplete)}\n\n` +
      `and confirm that the page shows the code ${started.userCode}. Or type it at ${started.verificationUri}\n` +
      `Waiting, for ${minutes} minutes at most; Ctrl-C leaves.`,
  );
  return waitForToken(client, started);
}

async function waitForToken(client: ApiClient, { deviceCode, expiresIn, interval }: DeviceSignInStarted) {
  const until = Date.now() + expiresIn * 1000;
  let seconds = interval;
  for (;;) {
    const asked = Date.now();
    try {
      return await client.post<CliToken>(paths.deviceSignInToken, { deviceCode, wait: waitSeconds });
    } catch (error) {
      if (!(error instanceof HoopError)) throw error;
      if (error.code === 'slow_down') seconds += 5;
      else if (error.code !== 'authorization_pending' && !(error instanceof Unavailable && error.passing)) throw error;
      // A gateway that stays away must not keep anybody longer than the code lasts.
      if (Date.now() >= until) {
        if (error instanceof Unavailable) throw error;
        throw new HoopError('expired_token', 'Nobody confirmed this sign-in in time. Type hoop login again.');
      }
    }
    await sleep(Math.max(0, asked + seconds * 1000 - Date.now()));
  }
}
