import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from 'vitest';
import { clientTests } from './flow.ts';
import { here, kept, tool } from './toolchain.ts';

const hint =
  'Install a JDK 17 or newer and Maven (Debian: default-jdk-headless and maven); jars come from its repository.';

describe("Java's Bolt", () => {
  clientTests(async () => {
    const pom = join(here, 'java/pom.xml');
    const version = await tool('javac', ['-version'], hint);
    const files = await Promise.all(
      [pom, join(here, 'java/src/main/java/Deployer.java')].map((path) => readFile(path, 'utf8')),
    );
    const built = await kept('java', [version, ...files], async (folder) => {
      const goals = ['compile', 'dependency:build-classpath'];
      const out = [`-Dmade=${folder}`, `-Dmdep.outputFile=${join(folder, 'classpath')}`];
      await tool('mvn', ['--quiet', '--batch-mode', '--file', pom, ...out, ...goals], hint);
    });
    const classpath = [join(built, 'classes'), await readFile(join(built, 'classpath'), 'utf8')].join(':');
    const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
    return { command: 'java', args: [log, '-cp', classpath, 'Deployer'] };
  });
});
