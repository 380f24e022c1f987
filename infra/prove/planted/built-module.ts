/** A module of a service as its process loads it, so that what is changed in it here is changed there. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../stack/service-launch.ts';

/** `T`: the type of the source that it was built from. */
export async function builtModule<T>(service: string, file: string): Promise<T> {
  return (await import(pathToFileURL(join(root, 'services', service, 'dist', `${file}.js`)).href)) as T;
}
