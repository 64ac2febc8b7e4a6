import { type BucketRule, EngineError, type Integration, type Operation } from '../../engine/index.ts'
import type { LimitFacts, Rules } from './contract.ts'
import { type Controlled, onlyKeys } from './control.ts'
import { isObject, type Json } from './paths.ts'
import { refuse } from './refusal.ts'

interface Size {
  readonly limit: number
  readonly windowMs: number
}

interface Level {
  tokens: number
  atMs: number
}

/** What a request took, to be given back when it is answered. */
export interface Taken {
  readonly facts: LimitFacts | null
  release(): void
}

const NOTHING: Taken = { facts: null, release: () => undefined }

/**
 * Refuses what goes beyond the rate limits of the definition once it is told to. Each is a token bucket for each key that
 * holds as many as its limit and fills evenly over its window; one of concurrency counts what is under way.
 */
export class Limits implements Controlled {
  readonly #buckets: readonly BucketRule[]
  readonly #mode: string | undefined
  readonly #nowMs: () => number
  readonly #sizes = new Map<string, Size>()
  readonly #levels = new Map<string, Level>()
  #isOn = false

  /** `nowMs` is the time that passes outside: a moved clock fills no bucket. */
  constructor(integration: Integration, rules: Rules, nowMs: () => number) {
    this.#mode = modeOf(integration, rules)
    this.#nowMs = nowMs
    const all = [...integration.buckets, ...[...integration.operations.values()].flatMap(({ buckets }) => buckets)]
    this.#buckets = [...new Map(all.filter((rule) => this.#applies(rule)).map((rule) => [rule.name, rule])).values()]
  }

  /** Takes from every bucket of an operation, or from none. Throws rate_limited with how long to wait. */
  take(operation: Operation, key: string): Taken {
    if (!this.#isOn) return NOTHING
    const rules = operation.buckets.filter((rule) => this.#applies(rule))
    const asked = rules.map((rule) => ({ rule, size: this.#sizeOf(rule), level: this.#level(rule, operation, key) }))
    for (const { rule, size, level } of asked) {
      if (level.tokens >= 1) continue
      const waitMs = rule.kind === 'concurrency' ? 0 : ((1 - level.tokens) * size.windowMs) / size.limit
      const facts = { bucket: rule.name, limit: size.limit, window_ms: size.windowMs }
      throw refuse('rate_limited', { ...facts, retry_after_s: Math.max(1, Math.ceil(waitMs / 1000)) })
    }
    for (const { level } of asked) level.tokens--
    const least = asked.sort((a, b) => a.level.tokens - b.level.tokens)[0]
    return {
      facts: least === undefined ? null : factsOf(least.rule, least.size, least.level),
      release: () => {
        for (const { rule, level } of asked) if (rule.kind === 'concurrency') level.tokens++
      },
    }
  }

  get(): unknown {
    const buckets = this.#buckets.map((rule) => {
      const { limit, windowMs } = this.#sizeOf(rule)
      return [rule.name, { kind: rule.kind, limit, window_ms: windowMs }] as const
    })
    return { on: this.#isOn, buckets: Object.fromEntries(buckets) }
  }

  post(body: Json): unknown {
    onlyKeys(body, ['on', 'buckets'])
    const { on, buckets = {} } = body
    if (typeof on !== 'boolean') throw invalid('`on` must be true or false')
    if (!isObject(buckets)) throw invalid('`buckets` must be an object of buckets by name')
    const sizes = Object.entries(buckets).map(([name, size]) => [name, this.#givenSize(name, size)] as const)
    this.#isOn = on
    this.#levels.clear()
    for (const [name, size] of sizes) this.#sizes.set(name, size)
    return this.get()
  }

  #applies({ modes }: BucketRule): boolean {
    return modes === undefined || (this.#mode !== undefined && modes.has(this.#mode))
  }

  #sizeOf({ name, limit, windowMs }: BucketRule): Size {
    return this.#sizes.get(name) ?? { limit, windowMs }
  }

  #level(rule: BucketRule, operation: Operation, key: string): Level {
    const id = `${rule.name} ${rule.per === 'operation' ? operation.id : ''} ${key}`
    const { limit, windowMs } = this.#sizeOf(rule)
    const nowMs = this.#nowMs()
    const level = this.#levels.get(id) ?? { tokens: limit, atMs: nowMs }
    this.#levels.set(id, level)
    if (rule.kind !== 'concurrency')
      level.tokens = Math.min(limit, level.tokens + ((nowMs - level.atMs) * limit) / windowMs)
    level.atMs = nowMs
    return level
  }

  #givenSize(name: string, size: unknown): Size {
    const rule = this.#buckets.find((one) => one.name === name)
    if (rule === undefined)
      throw invalid(
        `There is no bucket ${name}`,
        this.#buckets.map((one) => one.name),
      )
    if (!isObject(size)) throw invalid(`\`buckets.${name}\` must be an object with limit and window_ms`)
    onlyKeys(size, ['limit', 'window_ms'])
    const { limit = rule.limit, window_ms: windowMs = rule.windowMs } = size
    const isWhole = [limit, windowMs].every((value) => Number.isInteger(value))
    if (!isWhole || Number(limit) < 1 || Number(windowMs) < 0)
      throw invalid(`\`buckets.${name}\` must have whole numbers, a limit from 1`)
    return { limit: Number(limit), windowMs: Number(windowMs) }
  }
}

function factsOf({ name }: BucketRule, { limit, windowMs }: Size, { tokens }: Level): LimitFacts {
  const missing = limit - tokens
  const resetS = Math.ceil((missing * windowMs) / limit / 1000)
  return { bucket: name, limit, remaining: Math.floor(tokens), reset_s: resetS }
}

/** The mode that the account's credentials belong to. */
function modeOf({ modes }: Integration, { account }: Rules): string | undefined {
  return modes.find(({ match }) => match?.some(({ field, pattern }) => pattern.test(account.credentials[field] ?? '')))
    ?.name
}

const invalid = (message: string, valid?: readonly string[]): EngineError =>
  new EngineError('invalid_parameter', message, valid === undefined ? {} : { hint: `There are ${valid.join(', ')}.` })
