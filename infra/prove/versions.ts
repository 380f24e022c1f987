/** What a result was made with. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../stack/index.ts';
import { version } from '../stack/version.ts';

const pom = join(root, 'infra', 'stack', 'pom.xml');

export function versionsInUse(): Record<string, string> {
  const text = readFileSync(pom, 'utf8');
  const inPom = (artifact: string): string =>
    new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>([^<]+)<`).exec(text)?.[1] ?? 'unknown';
  return {
    millrace: `${version} (${commit()})`,
    node: process.versions.node,
    kafka: inPom('kafka_2.13'),
    questdb: inPom('questdb'),
    registry: inPom('apicurio-registry-app'),
  };
}

/** A clone without git, such as a downloaded archive, has none. */
function commit(): string {
  try {
    const git = (...parameters: string[]): string =>
      execFileSync('git', parameters, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return git('rev-parse', '--short=10', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ', changed');
  } catch {
    return 'no commit';
  }
}
