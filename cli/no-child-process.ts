/**
 * Stands in for `node:child_process` in the bundle of the CLI, which starts no process: commander asks for it when it
 * loads, for commands that are programs of their own, and that alone would cost every start of `hoop` some 5 ms.
 */
export {};
