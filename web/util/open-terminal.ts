/**
 * Opens a terminal under a content security policy without inline styles. xterm.js 6 makes style elements as it opens, and
 * gives letters style attributes as it draws; its option for a document of one's own (`documentOverride`) reaches
 * neither all of the elements nor the letters.
 * https://github.com/xtermjs/xterm.js/blob/6.0.0/src/browser/renderer/dom/DomRenderer.ts
 */
import type { Terminal } from '@xterm/xterm';
import { cspNonce } from './csp-nonce.ts';

/** What draws the letters, in the parts of xterm.js that are its own affair. */
interface WithRowFactory {
  _core?: { _renderService?: { _renderer?: { value?: { _rowFactory?: { _document: unknown } } } } };
}

export function openTerminal(terminal: Terminal, place: HTMLElement): void {
  const nonce = cspNonce();
  const create = Document.prototype.createElement.bind(document);
  // nothing else runs meanwhile
  document.createElement = (tag: string, options?: ElementCreationOptions) => {
    const element = create(tag, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
  try {
    terminal.open(place);
  } finally {
    // its own, over that of the prototype
    Reflect.deleteProperty(document, 'createElement');
  }
  const rows = (terminal as WithRowFactory)._core?._renderService?._renderer?.value?._rowFactory;
  if (!rows) throw new Error('xterm.js draws in another way than this page knows');
  rows._document = { createElement: () => Object.assign(create('span'), { setAttribute: setAsProperty }) };
}

/** A policy lets through what is set as a property. */
function setAsProperty(this: HTMLElement, name: string, value: string): void {
  if (name === 'style') this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}
