import { parseDocument } from 'yaml'
import { type ExpressionEntry, listExpressions, type SourceFile, shownPath } from '../../engine/definition/index.ts'

/** Recursion without an end before what a slot says: it is stopped by its depth, in a moment. */
export const runaway = (source: string): string => `($f := function($n) { 1 + $f($n + 1) }; $f(1); ${source})`

/** Files with one slot that runs away, and the address of that slot. */
export function ruined<T extends SourceFile>(given: readonly T[], { file, pointer, source }: ExpressionEntry) {
  const files = given.map((each) => (shownPath(each) === file ? { ...each, text: changed(each.text) } : each))
  const found = listExpressions(files.filter((each) => shownPath(each) === file)).find(
    (one) => one.source === runaway(source),
  )
  return { files, address: `${found?.file}:${found?.line}:${found?.column}` }

  function changed(text: string): string {
    const document = parseDocument(text)
    const parts = pointer.slice(1).split('/')
    const names = parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    const keys = names.map((part) => (/^\d+$/.test(part) ? Number(part) : part))
    const whole = String(document.getIn(keys))
    document.setIn(
      keys,
      whole.replace(source, () => runaway(source)),
    )
    return String(document)
  }
}
