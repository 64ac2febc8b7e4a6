import type { LeftOut } from '../../../engine/index.ts'
import type { Files } from '../folder.ts'

/** One operation that was taken over. */
export interface Imported {
  readonly id: string
  readonly verb: string
  readonly path: string
}

/** What was made of a document. */
export interface Import {
  readonly files: Files
  readonly operations: readonly Imported[]
  readonly resources: readonly string[]
  readonly parameters: number
  /** Nested members of bodies, which the object that holds them takes whether they are declared or not. */
  readonly nestedMembers: number
  /** Types of the auth methods, in order. */
  readonly auth: readonly string[]
  /** Lists by paging strategy. */
  readonly paging: Readonly<Record<string, number>>
  /** Marks `# guess:` in the files. */
  readonly guesses: number
  readonly leftOut: readonly LeftOut[]
}
