/** How things and people may be called, as the API takes it. */
import { z } from 'zod';

export const name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'must be 1 to 63 lower-case letters, digits, ".", "_" or "-", starting with a letter or digit',
  );
/** Names of groups may hold any characters but commas and control characters. */
export const groupName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^,\p{Cc}]+$/u, 'must have no comma and no control character');
export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address');
export const slackId = z
  .string()
  .regex(/^[UW][A-Z0-9]{2,20}$/, 'must be a Slack member id, as in U0123ABCD (profile > More > Copy member ID)');
/** As machines name their users; no option of a program begins so. */
export const userName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.@-]{0,63}$/, 'must be the name of a user, such as deploy');
