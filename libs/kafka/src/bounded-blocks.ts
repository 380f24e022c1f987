/**
 * avsc 5.7.9 believes the count in front of an array's or map's block: nine bytes that announce 2^50 elements keep it
 * reading beyond the record until the memory is full. No element of our schemas takes less than a byte, so a block that
 * announces more elements than bytes are left is no record; the tap is moved beyond its end, which avsc reports.
 */
import avsc from 'avsc';

/** The part of avsc's reader that is used here. */
interface Tap {
  readonly buf: Buffer;
  pos: number;
  readLong(): number;
  readString(): string;
}

interface Reader {
  _read(tap: Tap): unknown;
}

interface ArrayReader extends Reader {
  readonly itemsType: Reader;
}

interface MapReader extends Reader {
  readonly valuesType: Reader;
}

const { ArrayType, MapType } = avsc.types as unknown as Record<'ArrayType' | 'MapType', { prototype: Reader }>;

ArrayType.prototype._read = function readArray(this: ArrayReader, tap: Tap): unknown[] {
  const items = this.itemsType;
  const values: unknown[] = [];
  for (let count = blockCount(tap); count > 0; count = blockCount(tap))
    for (; count > 0; count -= 1) values.push(items._read(tap));
  return values;
};

MapType.prototype._read = function readMap(this: MapReader, tap: Tap): Record<string, unknown> {
  const types = this.valuesType;
  const values: Record<string, unknown> = {};
  for (let count = blockCount(tap); count > 0; count = blockCount(tap))
    for (; count > 0; count -= 1) values[tap.readString()] = types._read(tap);
  return values;
};

/** Elements of the next block; 0: there is none, or it cannot be. A negative count is followed by the block's bytes. */
function blockCount(tap: Tap): number {
  let count = tap.readLong();
  if (count < 0) {
    count = -count;
    tap.readLong();
  }
  if (count <= tap.buf.length - tap.pos) return count;
  tap.pos = tap.buf.length + 1;
  return 0;
}
