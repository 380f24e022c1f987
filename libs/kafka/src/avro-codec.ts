/** Values of one topic to bytes and back: five bytes of header (0, schema id), then Avro, as every registry client has it. */
import { MillraceError } from '@millrace/contracts';
import avsc, { type Schema, type Type } from 'avsc';
import './bounded-blocks.ts';
import { Slab, type SlabWriter } from './slab.ts';

const magicByte = 0;
const headerBytes = 5;

/** What avsc calls a resolver is opaque to us. */
type Resolver = ReturnType<Type['createResolver']>;

/** Writers' schemas by id. */
export interface Writers {
  /** Throws what loading the schema ended with; asks for it in the background when nobody has yet. */
  writerOf(id: number): Type;
}

export class AvroCodec<T> implements SlabWriter<T> {
  readonly #type: Type;
  readonly #id: number;
  readonly #writers: Writers;
  readonly #slab = new Slab<T>(this);
  readonly #resolvers = new Map<number, Resolver>();

  /** `id` is the registry's for `schema`. */
  constructor(schema: Schema, id: number, writers: Writers) {
    this.#type = avsc.Type.forSchema(schema);
    this.#id = id;
    this.#writers = writers;
  }

  /** Header and value; the bytes stay valid. Throws what avsc throws for a value that is not of the schema: a defect of the caller. */
  encode(value: T): Buffer {
    return this.#slab.write(value);
  }

  /** For the slab: header and value at `position`; the new position, or minus the bytes that are missing. */
  writeAt(value: T, bytes: Buffer, position: number): number {
    const start = position + headerBytes;
    if (start > bytes.length) return bytes.length - start;
    const end = this.#type.encode(value, bytes, start);
    if (end >= 0) {
      bytes[position] = magicByte;
      bytes.writeInt32BE(this.#id, position + 1);
    }
    return end;
  }

  /**
   * The value, whatever version of the schema it was written with. Throws `undecodable_record` for bytes that are no such
   * value, `unknown_schema` for an id that the registry does not have (both: never again), and `registry_unavailable` for
   * an id that is not loaded yet: it is being loaded, and `Registry.prepare` waits for that.
   */
  decode(bytes: Buffer): T {
    const id = idOrNoneOf(bytes);
    if (id === undefined)
      throw new MillraceError('undecodable_record', 'The record does not name a schema in its first five bytes.');
    const resolver = id === this.#id ? undefined : this.#resolverOf(id);
    let decoded: { readonly value: T; readonly offset: number };
    try {
      decoded = this.#type.decode(bytes, headerBytes, resolver);
    } catch (error) {
      throw new MillraceError('undecodable_record', 'The record is not of the schema it names.', { cause: error });
    }
    if (decoded.offset === bytes.length) return decoded.value;
    throw new MillraceError('undecodable_record', 'The record is shorter or longer than the schema it names.');
  }

  #resolverOf(id: number): Resolver {
    const known = this.#resolvers.get(id);
    if (known) return known;
    const writer = this.#writers.writerOf(id);
    try {
      const resolver = this.#type.createResolver(writer);
      this.#resolvers.set(id, resolver);
      return resolver;
    } catch (error) {
      throw new MillraceError('undecodable_record', `Schema ${id} is not one of this topic.`, { cause: error });
    }
  }
}

/** The schema id in the header; undefined for bytes without one. */
export function idOrNoneOf(bytes: Buffer): number | undefined {
  return bytes.length >= headerBytes && bytes[0] === magicByte ? bytes.readInt32BE(1) : undefined;
}
