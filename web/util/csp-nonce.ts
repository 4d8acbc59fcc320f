/** The number that the content security policy of this page asks of style elements; empty where there is none. */
export const cspNonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

/** This page's document for libraries that write style elements and know no nonce (xterm's `documentOverride`). */
export function documentWithNonce(): Document {
  const createElement = (name: string, options?: ElementCreationOptions) => {
    const element = document.createElement(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = cspNonce();
    return element;
  };
  return new Proxy(document, {
    get(target, name) {
      if (name === 'createElement') return createElement;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}
