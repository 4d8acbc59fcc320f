import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type PluginOption } from 'vite';

const root = fileURLToPath(new URL('sandbox/page', import.meta.url));

/** The page's folder is the root whoever starts the build, so that index.html lands at the top of the output. */
const rootIsPage: PluginOption = { name: 'root-is-sandbox-page', config: () => ({ root }) };

export default defineConfig({
  root,
  base: './',
  plugins: [rootIsPage, react()],
  build: {
    outDir: fileURLToPath(new URL('dist/sandbox-page', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // Files of its own only: the sandbox's content security policy allows nothing else.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1300,
  },
});
