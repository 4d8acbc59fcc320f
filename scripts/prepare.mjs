// After `npm ci` or `npm install` in a clone: `npx hoop` finds this clone.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linkBin } from './lib/link-bin.mjs';

await linkBin(dirname(dirname(fileURLToPath(import.meta.url))));
