import type { Rule, RuleAction } from '../../engine/index.ts'
import { ESCAPES } from '../outbound/say.ts'
import type { JsonObject } from '../stores/index.ts'
import type { RuleContent } from '../stores/rule-types.ts'
import { usesCustomer } from './judge.ts'
import type { RuleWords, TextAsk } from './words.ts'

/** What a run looks like to the texts of its rule. */
export interface Telling {
  readonly environmentId: string
  /** The event with the newest state. */
  readonly event: JsonObject
  /** `$run`. */
  readonly run: JsonObject
  /** From 0. */
  readonly step: number
  /** Reads `$customer`, when a text uses it. */
  readonly customer: () => Promise<JsonObject | null>
}

/** What the actions of a step say, in their order. Throws as RuleWords and the reading of a customer do. */
export async function compose(words: RuleWords, rule: Rule, telling: Telling): Promise<readonly RuleContent[]> {
  const actions = rule.steps[telling.step]?.actions ?? []
  const asks = actions.flatMap(textsOf)
  const isAsked = asks.some(({ template }) => usesCustomer(template))
  const variables = {
    run: telling.run,
    step: { number: telling.step + 1, of: rule.steps.length },
    customer: isAsked ? await telling.customer() : null,
  }
  const texts = [...(await words.texts(telling.environmentId, asks, telling.event, variables))]
  const next = (): string => texts.shift() ?? ''
  return actions.map((action): RuleContent => {
    if (action.kind === 'email') return { to: next().trim(), subject: next(), text: next() }
    if (action.kind === 'slack') return { to: action.to, text: next() }
    return { text: action.kind === 'webhook' && action.text === undefined ? '' : next() }
  })
}

/** The texts of an action; an address is taken as it is, and checked. */
function textsOf(action: RuleAction): readonly TextAsk[] {
  const escaping = ESCAPES[action.kind]
  if (action.kind === 'email') {
    const asIs = (value: string): string => value
    return [
      { template: action.to, escaping: asIs },
      { template: action.subject, escaping },
      { template: action.text, escaping },
    ]
  }
  return action.text === undefined ? [] : [{ template: action.text, escaping }]
}
