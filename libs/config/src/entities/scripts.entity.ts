/** Scripts that make data rows of bytes, or statistics of points. */
import { type ScriptConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { identifier, tenant, version } from '../entity-fields.ts';
import { countOn } from '../entity-version.ts';

/** As the schema of config.scripts.v1 says: a script is code, not a table. */
const scriptCharsMax = 256 * 1024;

const file = z.strictObject({
  tenant,
  scriptId: identifier,
  version,
  language: z.enum(['javascript', 'lua', 'python']).default('javascript'),
  /** Below the folder: `scripts/name.js`. */
  file: z.string().regex(/^scripts\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/, 'must be scripts/<name>'),
});

const document = file
  .partial({ file: true })
  .extend({ source: z.string().max(scriptCharsMax).describe('The text of the script.') });

export const scripts = defineEntity<ScriptConfig>()({
  topic: topics.configScripts,
  id: 'scriptId',
  singular: 'script',
  file,
  document,
  notInRequests: { file: 'Send the text as source.' },
  publish: ({ tenant: owner, scriptId, version: wanted, language, source }, published) =>
    countOn({ tenant: owner, scriptId, version: wanted, language, source }, published),
});
