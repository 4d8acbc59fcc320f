/**
 * Stands in for `zod` in every file of the page (vite.web.config.ts): it compiles its parsers with `new Function` unless
 * told not to, and the page's policy forbids it. To be told in main.tsx would be too late: chunks that pages share are
 * run before it, and schemas look for the answer as they are made.
 */
import { z } from 'zod/v4';

z.config({ jitless: true });

export * from 'zod/v4';
