/** Names of environment variables: which may be set with `-e`. */

const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** Names that change how programs load or what they run; refused in `-e` unless the connection allows them. */
const loaderNames = new Set([
  'PATH',
  'BASH_ENV',
  'ENV',
  'SHELLOPTS',
  'BASHOPTS',
  'PS4',
  'PROMPT_COMMAND',
  'IFS',
  'CDPATH',
  'GLOBIGNORE',
  'NODE_OPTIONS',
  'NODE_PATH',
  'PYTHONPATH',
  'PYTHONSTARTUP',
  'PYTHONHOME',
  'PYTHONINSPECT',
  'PERL5LIB',
  'PERL5OPT',
  'PERLLIB',
  'RUBYOPT',
  'RUBYLIB',
  'JAVA_TOOL_OPTIONS',
  '_JAVA_OPTIONS',
  'JDK_JAVA_OPTIONS',
  'CLASSPATH',
  'GCONV_PATH',
  'LOCPATH',
  'HOSTALIASES',
  'RESOLV_HOST_CONF',
  'TERMINFO',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_EXEC_PATH',
  'EDITOR',
  'VISUAL',
  'PAGER',
  'LESSOPEN',
  'LESSCLOSE',
  'MANPAGER',
  'PSQLRC',
  'PGSYSCONFDIR',
  'PGSERVICEFILE',
  'HOME',
]);
const loaderPrefixes = ['LD_', 'DYLD_', 'BASH_FUNC_', 'GIT_CONFIG', 'NPM_CONFIG_', 'npm_config_'];

export function isEnvName(name: string): boolean {
  return namePattern.test(name);
}

/** Why `name` may not be given with `-e`, or null. `allowed` are the names the connection allows all the same. */
export function envNameRefusal(name: string, allowed: readonly string[] = []): string | null {
  if (!isEnvName(name))
    return `${JSON.stringify(name)} is no name for an environment variable (letters, digits and _ , not starting with a digit)`;
  if (allowed.includes(name)) return null;
  if (loaderNames.has(name) || loaderPrefixes.some((prefix) => name.startsWith(prefix))) {
    return `${name} changes how programs load and cannot be set with -e on this connection`;
  }
  return null;
}
