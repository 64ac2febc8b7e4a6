import type { DOCUMENTS } from '../schema/generated.ts'

/** A definition file. `path` is relative to its root: integrations/acme/integration.yaml, unified-models/common/address.yaml. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  /** The added folder it was read from; undefined for what Onefold brings along. Issues show it before the path. */
  readonly root?: string | undefined
}

/** What a file is: the name of a document of the language. */
export type FileKind = keyof typeof DOCUMENTS

/** What the path of a file says about it. */
export interface FilePlace {
  readonly kind: FileKind
  /** Integration or model; empty for common pieces. */
  readonly owner: string
  /** Name without folder and ending. */
  readonly stem: string
}

const PLACES: readonly (readonly [RegExp, FilePlace['kind']])[] = [
  [/^integrations\/(?<owner>[^/]+)\/(?<stem>integration)\.yaml$/, 'integration'],
  [/^integrations\/(?<owner>[^/]+)\/resources\/(?<stem>[^/]+)\.yaml$/, 'resource'],
  [/^integrations\/(?<owner>[^/]+)\/mappings\/(?<stem>[^/]+)\.yaml$/, 'mapping'],
  [/^integrations\/(?<owner>[^/]+)\/cases\/(?<stem>[^/]+)\.yaml$/, 'case'],
  [/^integrations\/(?<owner>[^/]+)\/sandbox\/(?<stem>[^/]+)\.yaml$/, 'sandbox'],
  [/^integrations\/(?<owner>[^/]+)\/(?<stem>webhooks)\.yaml$/, 'webhooks'],
  [/^unified-models\/common\/(?<stem>[^/]+)\.yaml$/, 'unified-common'],
  [/^unified-models\/(?<owner>[^/]+)\/(?<stem>[^/]+)\.yaml$/, 'unified-resource'],
  [/^unified-models\/(?<owner>(?<stem>[^/]+))\.yaml$/, 'unified-model'],
]

/** What a path stands for, or undefined when no file of the language belongs there. */
export function placeOf(path: string): FilePlace | undefined {
  for (const [pattern, kind] of PLACES) {
    const found = pattern.exec(path)
    if (found !== null) return { kind, owner: found.groups?.owner ?? '', stem: found.groups?.stem ?? '' }
  }
  return undefined
}

/** The path of a file as people find it: with its folder when that is an added one. */
export const shownPath = ({ root, path }: SourceFile): string => (root === undefined ? path : `${root}/${path}`)
