import type { Write, WriteValues } from '../../schema/generated.ts'
import { absentIn, absentOf } from '../absent.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { fieldNames } from '../model-fields.ts'
import { reasonFor, unreadFields, wholeBody } from '../unread.ts'
import { oneLine, shortList, unknownName } from '../words.ts'
import type { View } from './view.ts'

/** Paths of the body that a write reads, its conditions included. */
const readsIn = (node: Located<Write>): string[] =>
  [...node.document.expressions].flatMap(([at, { paths }]) =>
    at.startsWith(`${node.pointer}/`) && !at.startsWith(`${node.pointer}/returns/`) ? paths : [],
  )

/** Whether all values that a part of a write sends could be read; where one could not, what it leaves out is not known. */
export const isRead = (part: Located<{ readonly body?: WriteValues }>): boolean =>
  (part.at('body')?.entries() ?? []).every(([, slot]) => {
    const table = typeof slot.value === 'object' && 'from' in slot.value ? slot.at('from' as never) : undefined
    return (typeof slot.value === 'object' && 'const' in slot.value) || (table ?? slot).expression !== undefined
  })

/** Fields of the body that nothing reads and nothing explains. A warning. */
export function unsentIssues({ layers, resource }: View, name: string, node: Located<Write>): Issue[] {
  const body = resource.bodies.get(name) ?? {}
  const absent = [...absentOf(layers, resource.schema), ...absentIn(node.at('absent'), body)]
  const reasons = new Map(absent.map(([field, { value }]) => [field, value]))
  const unread = unreadFields(wholeBody(body), readsIn(node))
  const missing = unread.filter((field) => reasonFor(field, reasons) === undefined)
  if (missing.length === 0) return []
  const facts = {
    severity: 'warning' as const,
    message: `\`${name}\` does nothing with ${shortList(missing)} of its body`,
    hint: `Send ${missing.length === 1 ? 'it' : 'them'}, or tell callers why not: \`absent: { ${oneLine(missing.slice(0, 6).join(', '))}: ... }\` in this write.`,
    valid: missing,
  }
  return [node.issue('key', 'unsent_field', facts)]
}

/** What a write says to be absent must be a field of its body that it does not read. */
export function absentIssues({ resource }: View, name: string, node: Located<Write>): Issue[] {
  const body = resource.bodies.get(name) ?? {}
  const reads = readsIn(node)
  return absentIn(node.at('absent'), body).flatMap(([field, reason]) => {
    if (!fieldNames(body).includes(field)) {
      return [unknownName(reason, 'key', 'unknown_body_field', 'field of the body', field, fieldNames(body))]
    }
    const isRead = reads.some(
      (read) => read === '*' || `${field}.`.startsWith(`${read}.`) || read.startsWith(`${field}.`),
    )
    if (!isRead) return []
    const facts = { message: `\`${field}\` is said to be absent and is read`, hint: 'Remove one of the two.' }
    return [reason.issue('key', 'field_conflict', facts)]
  })
}
