import '@xterm/xterm/css/xterm.css';
import { useComputedColorScheme } from '@mantine/core';
import { FitAddon } from '@xterm/addon-fit';
import { SerializeAddon } from '@xterm/addon-serialize';
import { Terminal } from '@xterm/xterm';
import { useEffect, useLayoutEffect, useRef } from 'react';
import type { TerminalSize } from '#shared/terminal.ts';
import { openTerminal } from '../util/open-terminal.ts';
import { quietTerminal } from '../util/quiet-terminal.ts';
import { terminalTheme } from '../util/terminal-theme.ts';
import classes from './terminal-screen.module.css';

/** A terminal on the page, to write to. Everything is safe to call after it is gone, and does nothing then. */
export interface TerminalHandle {
  /** Resolves once it is on the screen. */
  write(data: Uint8Array | string): Promise<void>;
  /** As a new one: empty, every mode as at first. */
  reset(): void;
  /** For a screen with a size of its own; one that is fitted goes back to what fits. */
  resize(size: TerminalSize): void;
  size(): TerminalSize;
  focus(): void;
  /** All that is on it and above it, as text. */
  text(): string;
  /** What is marked; empty: nothing is. */
  selection(): string;
  /** The program asked for arrow keys in the form that editors want. */
  hasApplicationKeys(): boolean;
  /** What draws the same screen on another terminal, without what stands above it. */
  serialize(): string;
}

export interface TerminalScreenProps {
  /** What it is, for who does not see it. */
  label: string;
  /** Columns and rows to begin with; absent: as many as fit, at any time. */
  size?: TerminalSize;
  /** What is typed, and what the terminal answers to the program. Absent: it is only watched, and answers nothing. */
  onData?: (data: Uint8Array) => void;
  /** The size changed as the page did. */
  onResize?: (size: TerminalSize) => void;
  /** The handle; what is given back is called when the terminal goes. */
  onReady: (terminal: TerminalHandle) => (() => void) | void;
  /** Output is also there as text for screen readers, which costs time on much output. */
  screenReader?: boolean;
  /** Lines that are kept above the screen. */
  scrollback?: number;
  /** A line feed alone begins a new line, as the output of a command without a terminal means it. */
  convertEol?: boolean;
  /** Takes a key before the terminal does; false: the terminal does not get it, and the page does. */
  onKey?: (event: KeyboardEvent) => boolean;
  /** Of a fitted screen, as in CSS. */
  height?: string;
}

const fontSizes = { smallest: 7, usual: 14 };
/** Of its height, about what a character of a fixed-width font is wide. */
const characterWidth = 0.61;

/** A screen of xterm.js. Load it lazily: `ui/lazy-terminal.tsx`. */
export default function TerminalScreen(props: TerminalScreenProps) {
  const { label, size, screenReader = false, scrollback = 5000, convertEol = false, height = '24rem' } = props;
  const box = useRef<HTMLDivElement>(null);
  const terminalRef = useRef<Terminal>(null);
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const watched = props.onData === undefined;
  const fitted = size === undefined;

  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const first = latest.current;
    const terminal = new Terminal({
      ...(first.size && { cols: first.size.columns, rows: first.size.rows }),
      allowProposedApi: true,
      convertEol,
      cursorBlink: false,
      disableStdin: watched,
      fontFamily: getComputedStyle(place).fontFamily,
      fontSize: fontSizes.usual,
      logLevel: 'off',
      minimumContrastRatio: 4.5,
      scrollback,
      theme: terminalTheme(document.documentElement.dataset.mantineColorScheme === 'dark' ? 'dark' : 'light'),
      ...(watched && { cursorInactiveStyle: 'none' as const }),
    });
    terminalRef.current = terminal;
    quietTerminal(terminal, watched);
    openTerminal(terminal, place);
    terminal.textarea?.setAttribute('aria-label', first.label);
    if (watched) {
      terminal.textarea?.setAttribute('readonly', '');
      terminal.attachCustomKeyEventHandler((event) => watchedKey(terminal, event));
    } else {
      terminal.attachCustomKeyEventHandler((event) => latest.current.onKey?.(event) ?? true);
      const encoder = new TextEncoder();
      terminal.onData((data) => latest.current.onData?.(encoder.encode(data)));
      terminal.onBinary((data) => latest.current.onData?.(Uint8Array.from(data, (char) => char.charCodeAt(0))));
      terminal.onResize(({ cols, rows }) => latest.current.onResize?.({ columns: cols, rows }));
    }
    const fit = fitting(terminal, place, fitted);
    fit();
    const observer = new ResizeObserver(fit);
    observer.observe(place);
    const handle = handleOf(terminal, fit);
    const leave = first.onReady(handle.handle);
    return () => {
      leave?.();
      handle.close();
      observer.disconnect();
      terminalRef.current = null;
      terminal.dispose();
    };
  }, [watched, fitted, scrollback, convertEol]);

  useEffect(() => {
    if (terminalRef.current) terminalRef.current.options.theme = terminalTheme(scheme);
  }, [scheme]);
  useEffect(() => {
    if (terminalRef.current) terminalRef.current.options.screenReaderMode = screenReader;
  }, [screenReader, watched, fitted, scrollback, convertEol]);

  return (
    <div
      ref={box}
      role="group"
      aria-label={label}
      className={classes.screen}
      data-fitted={fitted || undefined}
      style={fitted ? { height } : undefined}
    />
  );
}

/** The keys of a page stay its own: nothing is typed here, and Tab goes on. */
function watchedKey(terminal: Terminal, { type, key }: KeyboardEvent): boolean {
  if (type === 'keydown' && key === 'PageUp') terminal.scrollPages(-1);
  if (type === 'keydown' && key === 'PageDown') terminal.scrollPages(1);
  return false;
}

/** Makes a fitted terminal as large as its place, and letters of another as large as its place allows. */
function fitting(terminal: Terminal, place: HTMLElement, fitted: boolean): () => void {
  if (fitted) {
    const addon = new FitAddon();
    terminal.loadAddon(addon);
    return () => {
      if (place.clientWidth > 0) addon.fit();
    };
  }
  return () => {
    const style = getComputedStyle(place);
    const width = place.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight);
    if (width <= 0) return;
    const fits = Math.floor(width / (terminal.cols * characterWidth));
    terminal.options.fontSize = Math.min(fontSizes.usual, Math.max(fontSizes.smallest, fits));
  };
}

function handleOf(terminal: Terminal, fit: () => void): { handle: TerminalHandle; close: () => void } {
  let open = true;
  let addon: SerializeAddon | undefined;
  const serializer = () => {
    if (!addon) terminal.loadAddon((addon = new SerializeAddon()));
    return addon;
  };
  const size = () => ({ columns: terminal.cols, rows: terminal.rows });
  const handle: TerminalHandle = {
    write: (data) => (open ? new Promise((resolve) => terminal.write(data, resolve)) : Promise.resolve()),
    reset: () => void (open && terminal.reset()),
    resize({ columns, rows }) {
      if (!open) return;
      if (columns !== terminal.cols || rows !== terminal.rows) terminal.resize(columns, rows);
      fit();
    },
    size,
    focus: () => void (open && terminal.focus()),
    text: () => (open ? textOf(terminal) : ''),
    selection: () => (open ? terminal.getSelection() : ''),
    hasApplicationKeys: () => open && terminal.modes.applicationCursorKeysMode,
    serialize: () => (open ? serializer().serialize({ scrollback: 0 }) : ''),
  };
  return { handle, close: () => void (open = false) };
}

function textOf({ buffer: { active } }: Terminal): string {
  const lines: string[] = [];
  for (let at = 0; at < active.length; at++) lines.push(active.getLine(at)?.translateToString(true) ?? '');
  return lines.join('\n').trimEnd();
}
