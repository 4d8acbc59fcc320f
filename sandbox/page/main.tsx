import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import './css/base.css';
import './css/frame.css';
import './css/sidebar.css';
import './css/message.css';
import './css/text.css';
import './css/fields.css';
import './css/dialog.css';
import './css/phone.css';

// What changes is announced by the server, so nothing is asked again on its own.
const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: Infinity, refetchOnWindowFocus: false, retry: 1, networkMode: 'always' } },
});

createRoot(document.getElementById('root')!).render(
  <QueryClientProvider client={queries}>
    <App />
  </QueryClientProvider>,
);
