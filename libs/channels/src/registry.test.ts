import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { channelEnvironment, channelKinds } from './registry.ts';

test('the registry has every member of the folder, under the name of its file', () => {
  const files = globSync(`${import.meta.dirname}/*.channel.ts`).map((file) => basename(file, '.channel.ts'));
  expect(channelKinds.map(({ kind }) => kind).toSorted()).toEqual(files.toSorted());
});

test('the environment has the variables of every member', () => {
  for (const { environment } of channelKinds) expect(channelEnvironment).toMatchObject(environment);
});
