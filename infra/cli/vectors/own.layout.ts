/** Our own layout: samples as they are stored with a script, in `<script>.samples.json`, or in `samples.json` for all scripts of the folder. */
import { extname, join } from 'node:path';
import { type UplinkSample } from '@millrace/sandbox';
import { checkedJson, languages } from '../script-file.ts';
import { codecOf, type Folder, type TestedCodec } from './vector.ts';

const forAll = 'samples.json';

export async function ownCodecs({ path, files }: Folder): Promise<readonly TestedCodec[]> {
  const codecs: TestedCodec[] = [];
  for (const name of files.filter((one) => Object.hasOwn(languages, extname(one)))) {
    const beside = files.find((one) => one === `${name}.samples.json`) ?? files.find((one) => one === forAll);
    if (beside === undefined) continue;
    const file = join(path, name);
    try {
      codecs.push(codecOf(file, { samples: await samplesIn(join(path, beside)) }));
    } catch (error) {
      codecs.push(codecOf(file, { problem: (error as Error).message }));
    }
  }
  return codecs;
}

async function samplesIn(file: string): Promise<readonly UplinkSample[]> {
  const { scriptSamples } = await import('@millrace/config');
  return checkedJson(scriptSamples, file);
}
