/** Imported first: what libraries must be told about the page's content security policy (api/content-security-policy.ts). */
import { cspNonce } from './util/csp-nonce.ts';

interface PolicyFactory {
  createPolicy(name: string, rules: { createHTML: (text: string) => string }): unknown;
}

const global = window as { trustedTypes?: PolicyFactory; __webpack_nonce__?: string };

// Strings are refused where the browser would read markup or code (`innerHTML`, `script.src`). Text without markup may
// pass: that is how React fills the style elements of Mantine.
global.trustedTypes?.createPolicy('default', {
  createHTML(text) {
    if (text.includes('<')) throw new TypeError('The console never makes markup from text.');
    return text;
  },
});

// Where Mantine's dialogs (react-remove-scroll, by way of get-nonce) look for the nonce of their style element.
global.__webpack_nonce__ = cspNonce();
