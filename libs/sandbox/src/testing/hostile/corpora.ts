/** All attacks there are. A new language brings a file of its own. */
import type { Corpus } from './attack.ts';
import { javascript } from './javascript.ts';
import { lua } from './lua.ts';
import { python } from './python.ts';

export const corpora: readonly Corpus[] = [javascript, lua, python];
