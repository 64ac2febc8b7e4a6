import { type Catalog, EngineError, type Issue, issueNear, type SourceFile } from '../../engine/index.ts'
import { compileRules } from '../sandbox/rules.ts'

/** What keeps the sandboxes in the files from starting, the first fault of each, where its word stands. */
export function sandboxIssues(catalog: Catalog, files: readonly SourceFile[]): Issue[] {
  return [...catalog.integrations.values()].flatMap(({ name, sandbox, operations }) => {
    const own = files.filter(({ path }) => path.startsWith(`integrations/${name}/sandbox/`))
    if (own.length === 0) return []
    try {
      compileRules(sandbox, new Set(operations.keys()))
      return []
    } catch (thrown) {
      if (!(thrown instanceof EngineError)) throw thrown
      const { message, details } = thrown
      const word = /`([^`]+)`/.exec(message)?.[1] ?? `${message.split(/[ .]/).at(-1)}:`
      const file = own.find(({ text }) => text.includes(word)) ?? own[0]
      const hint = details.hint ?? 'The variables of each place are in docs/reference/definition-language.md.'
      return file === undefined ? [] : [issueNear(file, word, 'invalid_value', { message, hint })]
    }
  })
}
