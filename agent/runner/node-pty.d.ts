/** The native part of node-pty, which its typings leave out. */
declare module '@lydell/node-pty/requireBinary.js' {
  interface NativePty {
    open(columns: number, rows: number): { master: number; slave: number; pty: string };
    resize(master: number, columns: number, rows: number): void;
  }
  export function requireBinary(file: 'pty.node'): NativePty;
}
