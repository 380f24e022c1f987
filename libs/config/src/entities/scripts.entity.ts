/** Scripts that make data rows of bytes, or statistics of points. */
import { type ScriptConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { identifier, tenant, version } from '../entity-fields.ts';
import { countOn } from '../entity-version.ts';
import { scriptSamples } from '../script-samples.ts';

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

/** What is not in the file of the scripts has files of its own. */
const document = file.partial({ file: true }).extend({
  source: z.string().max(scriptCharsMax).describe('The text of the script.'),
  samples: scriptSamples.default([]),
});

export const scripts = defineEntity<ScriptConfig>()({
  topic: topics.configScripts,
  id: 'scriptId',
  singular: 'script',
  file,
  document,
  notInRequests: { file: 'Send the text as source.' },
  kept: ['samples'],
  publish: (script, published) => countOn(textOf(script), published && textOf(published)),
});

/** Of which a change is a new version. */
function textOf({ tenant: owner, scriptId, version: wanted, language, source }: ScriptConfig): ScriptConfig {
  return { tenant: owner, scriptId, version: wanted, language, source };
}
