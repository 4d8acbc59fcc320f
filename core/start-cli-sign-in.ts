/** `hoop login` without a password: asks for a sign-in that somebody confirms in the console. */
import { randomBytes, randomInt } from 'node:crypto';
import { consolePaths } from '#shared/api-paths.ts';
import { sha256Hex } from '#shared/digest.ts';
import { HoopError } from '#shared/errors.ts';
import {
  userCodeLength,
  userCodeLetters,
  type BrowserSignInInput,
  type BrowserSignInStarted,
  type DeviceSignInStarted,
} from '#shared/sign-in-schemas.ts';
import { deleteSignInsBefore, insertBrowserSignIn, insertDeviceSignIn } from '#db/cli-sign-ins.ts';
import { countAttempts } from '#db/sign-in-attempts.ts';
import type { Core } from './context.ts';
import { hashToken } from './passwords.ts';

export const cliSignInLimits = {
  /** To confirm a sign-in in; of a device code, to fetch its token too. */
  seconds: 10 * 60,
  /** To fetch the token of a code that went to the machine itself. */
  codeSeconds: 60,
  /** Between two requests of a device, begin to begin. */
  intervalSeconds: 5,
  /** Sign-ins that one address may ask for, and codes that one person may mistype, within a window. */
  perAddress: 200,
  wrongCodes: 10,
  windowSeconds: 15 * 60,
} as const;

const keptMs = 86_400_000;

/** Throws `too_many_attempts`. */
export async function startBrowserSignIn(
  core: Core,
  input: BrowserSignInInput & { address: string },
): Promise<BrowserSignInStarted> {
  const id = await insertBrowserSignIn(core.db, { ...input, ...(await timesFor(core, input.address)) });
  return { url: `${core.publicUrl}${consolePaths.cliSignIn}?request=${id}`, expiresIn: cliSignInLimits.seconds };
}

/** Throws `too_many_attempts`. */
export async function startDeviceSignIn(
  core: Core,
  input: { host: string; address: string },
): Promise<DeviceSignInStarted> {
  const times = await timesFor(core, input.address);
  const deviceCode = randomBytes(32).toString('base64url');
  const deviceCodeHash = hashToken(deviceCode);
  for (;;) {
    const letters = newUserCode();
    const userCodeMac = macOf(core, letters);
    if (!(await insertDeviceSignIn(core.db, { ...input, ...times, deviceCodeHash, userCodeMac }))) continue;
    const userCode = `${letters.slice(0, 4)}-${letters.slice(4)}`;
    const verificationUri = `${core.publicUrl}${consolePaths.deviceSignIn}`;
    return {
      deviceCode,
      userCode,
      verificationUri,
      verificationUriComplete: `${verificationUri}?user_code=${userCode}`,
      expiresIn: cliSignInLimits.seconds,
      interval: cliSignInLimits.intervalSeconds,
    };
  }
}

/** Of a short code: a hash alone could be undone by trying all codes, so it takes a key that is not in the database. */
export function macOf({ sealer }: Pick<Core, 'sealer'>, letters: string): string {
  return sealer.sign('device user code', letters).toString('hex');
}

function newUserCode(): string {
  return Array.from({ length: userCodeLength }, () => userCodeLetters[randomInt(userCodeLetters.length)]).join('');
}

/** Anybody may ask, so one address gets so many; and what was asked for long ago is dropped. */
async function timesFor(core: Core, address: string): Promise<{ createdAt: Date; expiresAt: Date }> {
  const { perAddress, windowSeconds, seconds } = cliSignInLimits;
  const [asked = 0] = await countAttempts(core.db, [sha256Hex(`cli sign-in\n${address}`)], windowSeconds);
  if (asked > perAddress) {
    core.log.warn({ address }, 'sign-in of the CLI refused: too many requests');
    throw new HoopError('too_many_attempts', 'Too many sign-ins were asked for from your address. Wait 15 minutes.');
  }
  const createdAt = core.now();
  await deleteSignInsBefore(core.db, new Date(createdAt.getTime() - keptMs));
  return { createdAt, expiresAt: new Date(createdAt.getTime() + seconds * 1000) };
}
