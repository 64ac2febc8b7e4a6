import type { Case, CaseFile } from '../schema/generated.ts'
import { Located } from './document.ts'
import { placeOf, type SourceFile } from './files.ts'
import { validate } from './validate.ts'
import { readYaml } from './yaml.ts'

/** A case with its place. */
export interface LocatedCase {
  readonly integration: string
  readonly node: Located<Case>
}

/** All cases of the files in order. Files with faults have none: compiling reports them. */
export function casesIn(files: readonly SourceFile[]): LocatedCase[] {
  return files.flatMap((file) => {
    const place = placeOf(file.path)
    if (place?.kind !== 'case') return []
    const { document } = readYaml(file, 'case')
    if (document.isBroken || validate(document).issues.length > 0) return []
    const nodes = new Located(document, '', document.data as CaseFile).at('cases')?.items() ?? []
    return (nodes as Located<Case>[]).map((node) => ({ integration: place.owner, node }))
  })
}
