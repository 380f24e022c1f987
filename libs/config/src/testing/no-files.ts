import type { ConfigurationFiles } from '../configuration-files.ts';
import { entityNames } from '../entities.ts';

/** A configuration without anything in it. */
export const noFiles = Object.fromEntries(entityNames.map((name) => [name, []])) as unknown as ConfigurationFiles;
