import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freeBytesMin, requireDiskSpace } from './disk-space.ts';

test('a disk with room is taken, also for a folder that is yet to be made', () => {
  expect(() => requireDiskSpace([join(tmpdir(), 'no', 'such', 'folder')], () => freeBytesMin)).not.toThrow();
  expect(() => requireDiskSpace([join(tmpdir(), 'no', 'such', 'folder')])).not.toThrow();
});

test('a disk that is nearly full is refused in one sentence', () => {
  expect(() => requireDiskSpace(['/data'], () => freeBytesMin / 2)).toThrow(
    'Only 0.50 GiB are free at /data; 1 GiB is needed, make room or choose another folder.',
  );
});
