import type { Compiled, Rule } from '../../engine/index.ts'
import type { JsonObject } from '../stores/index.ts'
import { defaultSubject, type Heard, isAmong } from './heard.ts'
import { type Ask, isTrue, type RuleWords } from './words.ts'

/** What an event means to a rule. */
export interface Verdict {
  /** What it is about; null where it concerns the rule not at all. */
  readonly subject: string | null
  readonly key: string
  /** Whether it ends runs on its subject. */
  readonly stops: boolean
  /** Whether it starts a run; `ask` where the customer has to be read first. */
  readonly starts: boolean | 'ask'
}

/** Whether an expression uses the customer. */
export const usesCustomer = ({ variables }: Pick<Compiled, 'variables'>): boolean => variables.includes('customer')

/** Says what an event means to a rule that hears its type. Throws as RuleWords does. */
export async function judge(words: RuleWords, rule: Rule, { event, shown }: Heard): Promise<Verdict> {
  const { type, environmentId } = event
  const applying = rule.stop.filter(({ on }) => on.length === 0 || isAmong(on, type))
  const conditions = applying.flatMap(({ condition }) => (condition === undefined ? [] : [condition]))
  const isTrigger = isAmong(rule.on, type)
  const isLater = rule.condition !== undefined && usesCustomer(rule.condition)
  const starting = isTrigger && !isLater ? rule.condition : undefined
  const asked = [rule.subject, rule.key, starting]
  const asks = [...asked.filter((one) => one !== undefined), ...conditions].map(
    (expression): Ask => ({ expression, event: shown }),
  )
  const values = [...(await words.values(environmentId, asks))]
  const [subjectValue, keyValue, startValue] = asked.map((one) => (one === undefined ? undefined : values.shift()))
  const subject = rule.subject === undefined ? defaultSubject(event) : nameOf(subjectValue)
  const key = rule.key === undefined ? subject : nameOf(keyValue)
  const isStart = isTrigger && (starting === undefined || isTrue(startValue))
  return {
    subject,
    key: key ?? '',
    stops: applying.some(({ on, condition }) => on.length > 0 && condition === undefined) || values.some(isTrue),
    starts: subject !== null && key !== null && isStart && (isLater ? 'ask' : true),
  }
}

/** What an event is about to a rule that failed on it; null where that is what failed. */
export async function subjectAnyway(
  words: RuleWords,
  { subject }: Rule,
  { event, shown }: Heard,
): Promise<string | null> {
  if (subject === undefined) return defaultSubject(event)
  const asks = [{ expression: subject, event: shown }]
  const [value] = await words.values(event.environmentId, asks).catch(() => [])
  return nameOf(value)
}

/** Whether the state that an event shows ends a run by itself. Throws as RuleWords does. */
export async function endsByState(
  words: RuleWords,
  rule: Rule,
  environmentId: string,
  event: JsonObject,
): Promise<boolean> {
  const conditions = rule.stop.flatMap(({ on, condition }) =>
    on.length > 0 || condition === undefined ? [] : [condition],
  )
  const values = await words.values(
    environmentId,
    conditions.map((expression) => ({ expression, event })),
  )
  return values.some(isTrue)
}

/** Names are texts or numbers that are not empty. */
function nameOf(value: unknown): string | null {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  return text === '' ? null : text
}
