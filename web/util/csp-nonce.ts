/** The number that the content security policy of this page asks of style elements; empty where there is none. */
export const cspNonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

/** Runs what writes style elements and knows no nonce (xterm's `open`); those it makes meanwhile get the page's. */
export function withStyleNonce<T>(work: () => T): T {
  const createElement = (name: string, options?: ElementCreationOptions) => {
    const element = Document.prototype.createElement.call(document, name, options);
    if (element instanceof HTMLStyleElement) element.nonce = cspNonce();
    return element;
  };
  Object.defineProperty(document, 'createElement', { value: createElement, configurable: true });
  try {
    return work();
  } finally {
    Reflect.deleteProperty(document, 'createElement');
  }
}
