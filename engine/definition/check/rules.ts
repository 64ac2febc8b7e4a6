import { isZone } from '../../expression/index.ts'
import type { Rule as RuleFile } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { unknownName } from '../words.ts'

/** What a rule is held against beside the schema. */
interface RuleFacts {
  /** Name of its file without the ending. */
  readonly stem: string
  readonly eventTypes: readonly string[]
}

/** What the schema cannot say of a rule; parts that it refused are not looked at again. */
export function checkRule(node: Located<RuleFile>, { stem, eventTypes }: RuleFacts): Issue[] {
  const name = node.at('name')
  const types = [...(node.at('on')?.items() ?? []), ...stopTypes(node)]
  return [
    ...(name === undefined || name.value === stem ? [] : [otherName(name, stem)]),
    ...types.flatMap((type) => typeIssues(type as Located<string>, eventTypes)),
    ...zoneIssues(node.at('timezone')),
    ...quietIssues(node),
    ...stopIssues(node),
    ...orderIssues(node),
    ...addressIssues(node),
  ]
}

const stopTypes = (node: Located<RuleFile>): Located<string>[] =>
  (node.at('stop')?.items() ?? []).flatMap((stop) => stop.at('on')?.items() ?? []) as Located<string>[]

function otherName(node: Located<string>, stem: string): Issue {
  const facts = { message: `the file is called ${stem}.yaml`, hint: `Name the rule \`${stem}\`, or the file after it.` }
  return node.issue('value', 'name_mismatch', facts)
}

function typeIssues(node: Located<string>, known: readonly string[]): Issue[] {
  const { value } = node
  const isKnown = value.endsWith('*')
    ? known.some((type) => type.startsWith(value.slice(0, -1)))
    : known.includes(value)
  return isKnown ? [] : [unknownName(node, 'value', 'invalid_value', 'type of events', value, known)]
}

function zoneIssues(node: Located<string> | undefined): Issue[] {
  if (node === undefined || isZone(node.value)) return []
  const hint = 'Give a name of the IANA database: Europe/Amsterdam, America/New_York, UTC.'
  return [node.issue('value', 'invalid_value', { message: `the time zone \`${node.value}\` is not known`, hint })]
}

function quietIssues(node: Located<RuleFile>): Issue[] {
  const quiet = node.at('quiet')
  if (quiet === undefined) return []
  const { from, to, days = [] } = quiet.value
  if ((from === undefined) !== (to === undefined)) {
    const message = `\`${from === undefined ? 'from' : 'to'}\` is missing`
    return [
      quiet.issue('key', 'missing_key', { message, hint: 'Quiet hours have both: `from: "20:00", to: "08:00"`.' }),
    ]
  }
  if (new Set(days).size === 7 || (from !== undefined && from === to)) {
    const message = 'it is always quiet, so nothing would ever be sent'
    return [quiet.issue('key', 'invalid_value', { message, hint: 'Leave a time of some day.' })]
  }
  return []
}

function stopIssues(node: Located<RuleFile>): Issue[] {
  return (node.at('stop')?.items() ?? []).flatMap((stop) => {
    if (stop.at('on') !== undefined || stop.at('if') !== undefined) return []
    const facts = { message: 'it says nothing of what ends a run', hint: 'Give `on`, `if`, or both.' }
    return [stop.issue('value', 'missing_key', facts)]
  })
}

const MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 }
const minutesOf = (after = '0'): number => Number.parseInt(after, 10) * (MINUTES[after.at(-1) ?? ''] ?? 0)

function orderIssues(node: Located<RuleFile>): Issue[] {
  const steps = node.at('steps')?.items() ?? []
  return steps.flatMap((step, at) => {
    const before = steps[at - 1]?.value.after
    if (minutesOf(step.value.after) >= minutesOf(before)) return []
    const message = `it comes before the step above, which is after ${before}`
    return [
      (step.at('after') ?? step).issue('value', 'invalid_value', {
        message,
        hint: 'Steps stand in their order in time.',
      }),
    ]
  })
}

const ADDRESS = /^[^\s@<>",;:]{1,64}@[A-Za-z0-9.-]{1,255}$/

/** An address that is written out is checked here, one that is made when it is used. */
function addressIssues(node: Located<RuleFile>): Issue[] {
  const actions = (node.at('steps')?.items() ?? []).flatMap((step) => step.at('do')?.items() ?? [])
  return actions.flatMap((action) => {
    const to = action.at('email')?.at('to') as Located<string> | undefined
    if (to === undefined || to.template?.isLiteral !== true || ADDRESS.test(to.value)) return []
    const message = `\`${to.value}\` is no plain mail address`
    return [to.issue('value', 'invalid_value', { message, hint: 'Write name@example.com, one address.' })]
  })
}
