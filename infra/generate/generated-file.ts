/** What a generator gives back; who runs it writes the files or compares them. */

export interface GeneratedFile {
  /** Below the root of the repository. */
  readonly path: string;
  readonly text: string;
}
