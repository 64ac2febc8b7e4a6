import { type CancelSignal, EngineError, parseUnifiedQuery } from '../../engine/index.ts'
import { toEngineAccount } from '../api/accounts.ts'
import type { JsonObject } from '../stores/index.ts'
import type { RuleRun } from '../stores/rule-types.ts'
import type { RuleServices } from './services.ts'

/** What is read of a provider for a run. */
export type ReadFor = Pick<RuleRun, 'environmentId' | 'integratedAccountId' | 'customerId' | 'about'>

const FRESH_MS = 600_000
const MOST_KEPT = 500
/** The figures of a customer take some pages. */
const MOST_REQUESTS = 30

/** Reads records of providers for rules: customers with their summary, kept for ten minutes, and subjects as they are now. */
export class RuleReader {
  readonly #services: RuleServices
  readonly #kept = new Map<string, { readonly at: number; readonly record: Promise<JsonObject | null> }>()

  constructor(services: RuleServices) {
    this.#services = services
  }

  /** The customer with `summary`, where the provider has figures; null where the event is about none. Throws as a get does. */
  customer(of: ReadFor, signal: CancelSignal): Promise<JsonObject | null> {
    const { environmentId, integratedAccountId, customerId, about } = of
    if (integratedAccountId === null || customerId === null) return Promise.resolve(null)
    const key = `${environmentId}/${integratedAccountId}/${customerId}`
    const now = this.#services.clock.now()
    const known = this.#kept.get(key)
    if (known !== undefined && now - known.at < FRESH_MS) return known.record
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear()
    const { models } = this.#services.engine.catalog()
    const model = models.get(about.model ?? '')?.resources.has('customers') === true ? about.model : 'payment-gateway'
    const wanted = { model, resource: 'customers', recordId: customerId }
    const record = this.#read({ ...of, about: wanted }, ['summary'], signal)
    this.#kept.set(key, { at: now, record })
    record.catch(() => this.#kept.delete(key))
    return record
  }

  /** The record of a run as the provider has it now; marked where it is gone, null where a run is about none. Throws as a get does. */
  async subject(of: ReadFor, signal: CancelSignal): Promise<JsonObject | null> {
    const { integratedAccountId, about } = of
    if (integratedAccountId === null || about.recordId === null) return null
    return (await this.#read(of, [], signal)) ?? { id: about.recordId, is_deleted: true }
  }

  async #read(of: ReadFor, expand: readonly string[], signal: CancelSignal): Promise<JsonObject | null> {
    const { engine, reads, random } = this.#services
    const { model, resource, recordId } = of.about
    const unified = engine
      .catalog()
      .models.get(model ?? '')
      ?.resources.get(resource ?? '')
    const stored = await reads.account(of.environmentId, of.integratedAccountId ?? '')
    if (stored === null || unified === undefined) return null
    if (stored.status !== 'active') {
      throw new EngineError('account_not_active', `The integrated account ${stored.id} is ${stored.status}, not active`)
    }
    const account = toEngineAccount(stored, await reads.overrides(stored))
    const known = engine.capabilities(account).models[model ?? '']?.[resource ?? '']?.expand ?? []
    const asked = expand.filter((name) => known.includes(name)).join(',')
    const query = parseUnifiedQuery(asked === '' ? [] : [['expand', asked]], unified, { method: 'get' })
    const requestId = `rule_${random.id(16)}`
    const options = { requestId, priority: 'sync', onLimit: 'wait', signal, maxRequests: MOST_REQUESTS } as const
    const call = { model: model ?? '', resource: unified.name, method: 'get', id: recordId ?? '', query }
    try {
      const answer = await engine.unified(account, call, options)
      return answer.kind === 'record' ? answer.record : null
    } catch (thrown) {
      if (thrown instanceof EngineError && thrown.code === 'record_not_found') return null
      throw thrown
    }
  }
}
