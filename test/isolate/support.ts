import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { parseDocument } from 'yaml'
import { type ExpressionEntry, listExpressions, type SourceFile, shownPath } from '../../engine/definition/index.ts'
import type { Stand } from '../http/stand.ts'

/** Takes many seconds, far more than an expression has, before it runs into any other limit; true in the end. */
export const LOOP = '($t := $pad("", 400000, "ab"); $count([1..4000].($length($t & $string($)))) > 0)'

/**
 * The answer to a call whose expression never ends: time stands still until others, whose calls say themselves that they
 * were answered, were so meanwhile.
 */
export async function stoppedInTime<T>(
  { clock }: Pick<Stand, 'clock'>,
  ask: () => Promise<T>,
  others: () => Promise<void>,
): Promise<T> {
  let ended: { readonly answer: T } | undefined
  const pending = ask().then((answer) => {
    ended = { answer }
  })
  for (let call = 0; call < 2; call++) await others()
  expect(ended, JSON.stringify(ended)).toBeUndefined()
  // A step of time may also stop what would have ended by itself: it is taken only when nothing else goes on.
  while (ended === undefined) {
    await clock.advance(1000)
    await Promise.race([pending, sleep(1500, undefined, { ref: false })])
  }
  return ended.answer
}

/** Recursion without an end before what a slot says: it is stopped by its depth, in a moment. */
export const runaway = (source: string): string => `($f := function($n) { 1 + $f($n + 1) }; $f(1); ${source})`

/** Files with one slot that is hostile, and the address of that slot. */
export function ruined<T extends SourceFile>(
  given: readonly T[],
  { file, pointer, source }: ExpressionEntry,
  hostile = runaway,
) {
  const files = given.map((each) => (shownPath(each) === file ? { ...each, text: changed(each.text) } : each))
  const found = listExpressions(files.filter((each) => shownPath(each) === file)).find(
    (one) => one.source === hostile(source),
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
      whole.replace(source, () => hostile(source)),
    )
    return String(document)
  }
}
