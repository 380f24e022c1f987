/** Options of the stack's JVMs: a small heap, one collector thread, loaded classes kept between starts. */
import { type Tuning } from '../component.ts';

export function javaOptions(heapMiBMax: number, classArchive: string, tuning: Tuning): string[] {
  return [
    '-Xms64m',
    `-Xmx${heapMiBMax}m`,
    '-XX:+UseSerialGC',
    ...(tuning === 'quick start' ? ['-XX:TieredStopAtLevel=1'] : []),
    '-XX:+AutoCreateSharedArchive',
    `-XX:SharedArchiveFile=${classArchive}`,
    // Without it a JVM that runs for the first time complains on stdout that the archive is not there yet.
    '-Xlog:disable',
    '-Xlog:all=error:stderr',
  ];
}
