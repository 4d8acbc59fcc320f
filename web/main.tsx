import './strict-policy.ts';
import '@mantine/core/styles/baseline.layer.css';
import '@mantine/core/styles/default-css-variables.layer.css';
import '@mantine/core/styles/global.layer.css';
import './ui/global.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { watchLinkToken } from './util/link-token.ts';
import { watchLoadFailures } from './util/load-failures.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
watchLinkToken();
watchLoadFailures();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
