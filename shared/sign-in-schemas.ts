/** Ways to sign in, and the sign-in of the `hoop` command through the console: in this browser, or by a code. */
import { z } from 'zod';
import { me } from './api-schemas.ts';

/** What the sign-in page offers; another way to prove who one is would be another kind. */
export const signInMethod = z.object({ kind: z.enum(['password']) });

const host = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .describe('What the asking machine calls itself; shown to whoever confirms, and believed by nobody');

/** 32 random bytes and their SHA-256, both base64url (RFC 7636). */
const verifier = z.string().regex(/^[\w-]{43,128}$/, 'must be a code verifier of RFC 7636');
const challenge = z.string().regex(/^[\w-]{43}$/, 'must be the SHA-256 of the code verifier, base64url');

export const browserSignInInput = z.object({
  host,
  challenge: challenge.describe('S256 challenge of RFC 7636'),
  state: z
    .string()
    .regex(/^[\w-]{22,128}$/, 'must be 22 to 128 characters of base64url')
    .describe('Comes back with the code'),
  port: z
    .number()
    .int()
    .min(1)
    .max(65_535)
    .describe('Of 127.0.0.1, where the code is sent: http://127.0.0.1:<port>/callback'),
});
export type BrowserSignInInput = z.infer<typeof browserSignInInput>;

export const browserSignInStarted = z.object({
  url: z.string().describe('Page to open in a browser of the asking machine'),
  expiresIn: z.number().int().describe('Seconds until it can be confirmed no more'),
});
export type BrowserSignInStarted = z.infer<typeof browserSignInStarted>;

export const browserTokenInput = z.object({ code: z.string().min(1).max(128), verifier });

export const deviceSignInInput = z.object({ host });

/** As in RFC 8628, section 3.2. */
export const deviceSignInStarted = z.object({
  deviceCode: z.string(),
  userCode: z.string().describe('To be typed, as in WDJB-MJHT'),
  verificationUri: z.string(),
  verificationUriComplete: z.string(),
  expiresIn: z.number().int().describe('Seconds'),
  interval: z.number().int().describe('Seconds from the beginning of one request for the token to that of the next'),
});
export type DeviceSignInStarted = z.infer<typeof deviceSignInStarted>;

export const longestWaitSeconds = 20;
export const deviceTokenInput = z.object({
  deviceCode: z.string().min(1).max(128),
  wait: z
    .number()
    .int()
    .min(0)
    .max(longestWaitSeconds)
    .default(0)
    .describe('Seconds to hold the answer back for, unless somebody decides before'),
});

export const cliToken = z.object({ token: z.string(), user: me });
export type CliToken = z.infer<typeof cliToken>;

// ---- the console's pages

const verdict = z.enum(['confirm', 'deny']);
export type SignInVerdict = z.infer<typeof verdict>;

const request = z.uuid();
export const browserSignInKey = z.object({ request });
export const browserSignInDecision = z.object({ request, verdict });
export const browserSignInAnswer = z.object({
  redirectTo: z
    .string()
    .regex(/^http:\/\/127\.0\.0\.1:\d{1,5}\/callback\?/)
    .describe('Where `hoop login` waits for the browser'),
});

/** Letters that are not taken for one another, and spell no words (RFC 8628, section 6.1). */
export const userCodeLetters = 'BCDFGHJKLMNPQRSTVWXZ';
export const userCodeLength = 8;
const userCode = z
  .string()
  .max(40)
  .transform((text) => text.toUpperCase().replace(/[^A-Z]/g, ''))
  .refine((text) => text.length === userCodeLength, `must have ${userCodeLength} letters, as in WDJB-MJHT`);
export const deviceSignInKey = z.object({ userCode });
export const deviceSignInDecision = z.object({ userCode, verdict });

export const signInRequestView = z.object({
  host: z.string(),
  address: z.string().describe('Where the request came from, as the gateway sees it'),
  email: z.string().describe('Of the person who is signed in, as whom it would act'),
  createdAt: z.string(),
  expiresAt: z.string(),
});
export type SignInRequestView = z.infer<typeof signInRequestView>;
