import { compileOverrides, EngineError, type Fault, type Integration, type Issue } from '../../engine/index.ts'
import type { CurrentOverrides, JsonObject } from '../stores/index.ts'
import type { Services } from './context.ts'

/** Overrides as sent: data, or a text of YAML or JSON. Exactly one of them. */
export interface SentOverride {
  readonly override?: JsonObject | undefined
  readonly text?: string | undefined
}

/** Overrides that were checked, with what does not stop them. */
export interface CheckedOverride {
  readonly override: JsonObject
  readonly warnings: readonly Fault[]
}

/** Which layer is checked, and the layers beside it. */
export interface CheckedLayer {
  readonly layer: keyof CurrentOverrides
  readonly integration: Integration
  readonly beside: Partial<CurrentOverrides>
}

const MOST_BYTES = 65_536

/**
 * Checks a layer with the other one beside it. Throws invalid_body with everything that is wrong at once, body_too_large
 * above 64 kB.
 */
export function checkOverride({ engine }: Pick<Services, 'engine'>, at: CheckedLayer, sent: SentOverride) {
  const { layer, integration, beside } = at
  const source = sourceOf(sent)
  const { models } = engine.catalog()
  const { issues, data } = compileOverrides(integration, models, { ...beside, [layer]: source })
  const override = data[layer] as JsonObject | undefined
  const faultOf = (issue: Issue): Fault => toFault(issue, issue.file.startsWith(`overrides/${layer}.`), sent)
  const errors = issues.filter(({ severity }) => severity === 'error')
  if (errors.length > 0 || override === undefined) throw refused(errors.map(faultOf))
  if (Object.keys(override).length === 0) throw empty()
  return { override, warnings: issues.map(faultOf) } satisfies CheckedOverride
}

/**
 * Throws invalid_body when the overrides of accounts that fit over an environment's present layer do not fit over its next
 * one. `accounts` are the layers of the accounts by id.
 */
export function checkAccountsAbove(
  { engine }: Pick<Services, 'engine'>,
  integration: Integration,
  [present, next]: readonly [present: JsonObject | undefined, next: JsonObject],
  accounts: ReadonlyMap<string, JsonObject>,
): void {
  const { models } = engine.catalog()
  const errorsOver = (environment: JsonObject | undefined, account: JsonObject): Issue[] =>
    compileOverrides(integration, models, { environment, account }).issues.filter(
      ({ severity }) => severity === 'error',
    )
  const faults = [...accounts].flatMap(([id, account]) => {
    const broken = errorsOver(next, account)
    if (broken.length === 0 || errorsOver(present, account).length > 0) return []
    return broken.map(({ code, message, hint, valid }): Fault => {
      return {
        code,
        message: `with the overrides of the integrated account ${id}: ${message}`,
        hint,
        valid,
        pointer: '',
      }
    })
  })
  if (faults.length > 0) throw refused(faults)
}

function sourceOf({ override, text }: SentOverride): JsonObject | string {
  if ((override === undefined) === (text === undefined)) {
    throw new EngineError('invalid_body', 'Give the overrides as `override` or as `text`', { where: '/override' })
  }
  const source = text ?? override ?? {}
  const bytes = Buffer.byteLength(typeof source === 'string' ? source : JSON.stringify(source))
  if (bytes <= MOST_BYTES) return source
  throw new EngineError('body_too_large', `Overrides have at most ${MOST_BYTES} bytes, these have ${bytes}`, {
    where: text === undefined ? '/override' : '/text',
  })
}

const empty = (): EngineError =>
  new EngineError('invalid_body', 'The overrides say nothing', {
    where: '/override',
    hint: 'To take all overrides away, use DELETE.',
  })

function refused(faults: readonly Fault[]): EngineError {
  const [first, ...more] = faults
  const rest = more.length === 0 ? '' : `; and ${more.length} more, see issues`
  return new EngineError('invalid_body', `${first?.message ?? 'The overrides cannot be read'}${rest}`, {
    where: first?.pointer,
    hint: first?.hint,
    faults,
  })
}

/** What is wrong with the other layer has no place in the body. */
function toFault(issue: Issue, isOwn: boolean, { text }: SentOverride): Fault {
  const { code, hint, valid, line, column } = issue
  if (!isOwn) return { code, message: `${issue.file}: ${issue.message}`, hint, valid, pointer: '' }
  if (text !== undefined) return { code, message: issue.message, hint, valid, pointer: issue.pointer, line, column }
  return { code, message: issue.message, hint, valid, pointer: `/override${issue.pointer}` }
}
