import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type PluginOption } from 'vite';
import { mantineStyles } from './scripts/lib/mantine-styles.ts';

const root = fileURLToPath(new URL('web', import.meta.url));

/** The page's folder is the root whoever starts the build, so that index.html lands at the top of dist/web. */
const rootIsWeb: PluginOption = { name: 'root-is-web', config: () => ({ root }) };

export default defineConfig({
  root,
  base: '/',
  // The gateway puts the nonce of each answer in its place (api/console-files.ts).
  html: { cspNonce: '__HOOP_CSP_NONCE__' },
  plugins: [rootIsWeb, react(), mantineStyles()],
  resolve: {
    alias: [{ find: /^zod$/, replacement: fileURLToPath(new URL('web/zod-without-eval.ts', import.meta.url)) }],
  },
  build: {
    outDir: fileURLToPath(new URL('dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // Nothing becomes a data: URL: the gateway's content security policy allows files of its own only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
});
