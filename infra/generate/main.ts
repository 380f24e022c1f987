/** Writes every generated file; `--check` names those that are not what they should be instead. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asyncApiFile } from './asyncapi.ts';
import { typeFiles } from './avro-types.ts';
import { entityFiles } from './entity-files.ts';
import { metricsPageFile } from './metrics-page.ts';
import { historyFiles } from './schema-history.ts';
import { scriptGuideFiles } from './script-guides.ts';
import { topicPageFile } from './topic-page.ts';

const root = join(import.meta.dirname, '..', '..');
const isCheck = process.argv.includes('--check');

try {
  const files = [
    ...historyFiles(root),
    ...typeFiles(),
    ...entityFiles(root),
    topicPageFile(),
    asyncApiFile(),
    await metricsPageFile(),
    ...scriptGuideFiles(root),
  ];
  const outdated = files.filter(({ path, text }) => readText(join(root, path)) !== text);
  for (const { path, text } of isCheck ? [] : outdated) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const { path } of outdated)
    console.log(isCheck ? `${path} is out of date: run npm run generate.` : `${path} was written.`);
  process.exitCode = isCheck && outdated.length > 0 ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
