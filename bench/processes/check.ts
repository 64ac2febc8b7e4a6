import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { compileCatalog, type SourceFile } from '../../engine/index.ts'
import { readDefinitions } from '../../server/definitions.ts'
import { answerParent } from '../harness/answer.ts'
import { repeat } from '../harness/usage.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
let files: readonly SourceFile[] = []

const SIDES: Readonly<Record<string, () => unknown>> = {
  parse: () => files.map(({ text }) => parseDocument(text).toJS()),
  check: () => {
    const { catalog, issues } = compileCatalog(files)
    if (catalog === undefined) throw new Error(`the definitions have ${issues.length} issues`)
    return catalog
  },
}

answerParent({
  /** Reads all definitions but their cases; answers how many files and characters there are. */
  prepare: async () => {
    const all = await readDefinitions([{ path: ROOT }])
    files = all.filter(({ path }) => !path.includes('/cases/'))
    return { files: files.length, characters: files.reduce((sum, { text }) => sum + text.length, 0) }
  },
  repeat: ({ side, ms }: { side: string; ms: number }) => repeat(async () => SIDES[side]?.(), ms),
})
