/** The number that the content security policy of this page asks of style elements; empty where there is none. */
export const cspNonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
