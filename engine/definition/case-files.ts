import type { Case, CaseFile, DeliveryCase } from '../schema/generated.ts'
import { Located } from './document.ts'
import { placeOf, type SourceFile } from './files.ts'
import { validate } from './validate.ts'
import { readYaml } from './yaml.ts'

/** A case with its place. */
interface LocatedCase<T> {
  readonly integration: string
  readonly node: Located<T>
}

/** All cases of calls in the files, in order. Files with faults have none: compiling reports them. */
export const casesIn = (files: readonly SourceFile[]): LocatedCase<Case>[] => entriesIn(files, 'cases')

/** All cases of webhooks in the files, in order. */
export const deliveriesIn = (files: readonly SourceFile[]): LocatedCase<DeliveryCase>[] =>
  entriesIn(files, 'deliveries')

function entriesIn<T>(files: readonly SourceFile[], key: 'cases' | 'deliveries'): LocatedCase<T>[] {
  return files.flatMap((file) => {
    const place = placeOf(file.path)
    if (place?.kind !== 'case') return []
    const { document } = readYaml(file, 'case')
    if (document.isBroken || validate(document).issues.length > 0) return []
    const nodes = new Located(document, '', document.data as CaseFile).at(key)?.items() ?? []
    return (nodes as unknown as Located<T>[]).map((node) => ({ integration: place.owner, node }))
  })
}
