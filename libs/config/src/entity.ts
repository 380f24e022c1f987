/** How an entity of the configuration is declared: one file for each, of which its routes, files and topics follow. */
import type { Topic } from '@millrace/contracts';
import type { z } from 'zod';
import type { EntityName } from './generated/entities.ts';
import type { Scope } from './scopes.ts';
import type { SecretKeeper } from './secret-keeper.ts';

/** The same in a file, in the body of a request and in what is published of them. */
export interface Owned {
  readonly tenant: string;
}

type FileOf<Form extends z.ZodType> = Readonly<z.infer<Form>>;

/** A member that names another entity, as `notify[0].channelId`, and the id in it; null: none. */
export type Reference = readonly [field: string, id: string | null];

export interface EntityDeclaration<Published extends Owned, File extends z.ZodType, Document extends z.ZodType> {
  /** `config.<path>.v1`. The path names the routes `/v1/<path>`, the file `<path>.json` and the table, there with underscores. */
  readonly topic: Topic;
  /** The member that names it: in its tenant, or in the installation. */
  readonly id: keyof Published & string;
  /** Its id alone is the key of its record. */
  readonly isNamedAlone?: true;
  /** One of them, for sentences and names of operations. */
  readonly singular: string;
  /** Form of an element of its file. Defaults are those of the Avro schema; unknown members are errors. */
  readonly file: File;
  /** Form of an element of a document that holds the whole configuration, where it is another. */
  readonly document?: Document;
  /** Members of `document` that a request may not have, with what to do instead. */
  readonly notInRequests?: Readonly<Record<string, string>>;
  /** Members of documents that stay where the entity is kept: the schema of its topic does not have them. */
  readonly kept?: readonly string[];
  /** From the form that people write to that of the topic: secrets become hashes or sealed bytes, versions count on. */
  readonly publish: (
    file: FileOf<Document>,
    /** As it stands on the topic now. */
    published: Published | undefined,
    secrets: SecretKeeper,
  ) => Published;
  /** Back to the form of a document as far as it can be told: secrets only as hashes, or not at all. The same members: not given. */
  readonly fileForm?: (published: Published) => Readonly<Record<string, unknown>>;
  /** What it refers to; each must be there, in the same tenant. */
  readonly references?: { readonly [E in EntityName]?: (it: FileOf<Document>) => readonly Reference[] };
  /** Members that are unique in the tenant beside the id; null is nobody's. */
  readonly unique?: { readonly [member: string]: (it: FileOf<Document>) => string | null };
  /** Whether it was written through an API, so that a folder neither changes nor deletes it. */
  readonly isFromApi?: (published: Published) => boolean;
  /** Members of documents that are not answered to who may read it, and what is said instead. */
  readonly hidden?: readonly string[];
  readonly shown?: {
    readonly form: Readonly<Record<string, z.ZodType>>;
    readonly of: (published: Published) => object;
  };
  /** What a key has to allow; `read` and `write` where nothing is said. */
  readonly scopes?: { readonly read?: Scope; readonly write?: Scope };
  /** Created and changed by routes of its own. */
  readonly isWrittenByHand?: true;
  /** Deleted by a route of its own. */
  readonly isDeletedByHand?: true;
  /**
   * Columns of its table that lists are filtered by, by the name of the query's parameter; of texts in a list, how an index finds
   * them; of ids in a tree, those too that are below the one that is asked for.
   */
  readonly filters?: Readonly<
    Record<string, string | { readonly column: string; readonly find: string; readonly inTreeOf?: EntityName }>
  >;
  /** Columns that lists can be sorted by, beside the id; never null. */
  readonly sorts?: Readonly<Record<string, string>>;
  /** Columns in which a search looks beside the id; of a kind of which there are many, how an index finds it. */
  readonly searched?: readonly string[] | { readonly column: string; readonly find: string };
  /** Where bodies of other kinds refer to it in a way that the tables do not know; JSON paths of PostgreSQL. */
  readonly referredToBy?: readonly { readonly entity: EntityName; readonly path: string }[];
}

export interface EntityDefinition<
  Published extends Owned = Owned,
  File extends z.ZodType = z.ZodType,
  Document extends z.ZodType = File,
> extends EntityDeclaration<Published, File, Document> {
  readonly document: Document;
  /** `alarm-rules` */
  readonly path: string;
  /** Key of its record. */
  readonly keyOf: (it: Published) => string;
}

/** `defineEntity<DeviceConfig>()({…})`: what is published is said, the forms are found. */
export function defineEntity<Published extends Owned>() {
  return <File extends z.ZodType, Document extends z.ZodType = File>(
    declaration: EntityDeclaration<Published, File, Document>,
  ): EntityDefinition<Published, File, Document> => {
    const { topic, id, isNamedAlone = false } = declaration;
    const idOf = (it: Published): string => it[id] as string;
    return {
      ...declaration,
      document: declaration.document ?? (declaration.file as unknown as Document),
      path: topic.name.split('.')[1]!,
      keyOf: isNamedAlone ? idOf : (it) => entityKey(it.tenant, idOf(it)),
    };
  };
}

/** Key of an entity that is unique in its tenant. */
export function entityKey(tenant: string, id: string): string {
  return `${tenant}/${id}`;
}
