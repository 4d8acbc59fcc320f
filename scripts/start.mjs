// `npm start`: from a fresh clone to a running hoop. Plain Node.js, because nothing may be installed yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules/.hoop-installed');

function fail(message) {
  console.error(`\nhoop: ${message}`);
  process.exit(1);
}

function run(what, command, args) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (signal === 'SIGINT' || signal === 'SIGTERM') process.exit(130);
  if (error) fail(`${what} could not start: ${error.message}`);
  if (status !== 0) fail(`${what} failed; what is wrong stands above. Mend it and run npm start again.`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(
      `Node.js 20.19 or newer is needed, this is ${process.versions.node}. Install a newer one (https://nodejs.org).`,
    );
  }
}

/** Installs when node_modules is absent or was made from another package-lock.json. */
function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  if (!isInstalled()) {
    console.log('hoop: installing packages (once; about a minute)');
    run('npm ci', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  writeFileSync(stamp, lock);
}

/** Somebody ran `npm ci` by hand: npm's own record of the tree is then as new as the lock file's content. */
function isInstalled() {
  const record = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages ?? {};
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages ?? {};
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  );
}

checkNode();
install();
run('The build', process.execPath, [
  join(root, 'scripts/build.mjs'),
  ...(existsSync(join(root, 'dist/.stamps.json')) ? ['--quiet'] : []),
]);

// The same process goes on as `hoop start`: signals reach it as they come.
const hoop = join(root, 'dist/hoop.js');
process.argv.splice(1, process.argv.length - 1, hoop, 'start', ...process.argv.slice(2));
await import(pathToFileURL(hoop).href);
