/**
 * Stands in for `node:child_process` in the bundle of the CLI where commander asks for it: it does when it loads, for
 * commands that are programs of their own, of which `hoop` has none, and that alone would cost every start some 5 ms.
 */
export {};
