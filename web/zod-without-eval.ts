/** Imported first: zod compiles its parsers with `new Function` unless told not to, and the page's policy forbids it. */
import { z } from 'zod';

z.config({ jitless: true });
