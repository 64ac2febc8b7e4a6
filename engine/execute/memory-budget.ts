import { EngineError } from '../errors.ts'
import type { BucketAsk, BudgetAsk, BudgetFeedback, BudgetState, Clock, Lease, RateBudget } from '../ports.ts'
import { type Bucket, createBucket, decide, giveBack, isIdle, stateOf, take } from '../resilience/index.ts'
import { Lane, nextWaiter, type Waiter } from './lane.ts'

/** Longest sleep between two looks at a lane: timers cannot be set for a month. */
const LONGEST_SLEEP_MS = 3_600_000
/** Buckets kept before idle ones are forgotten. */
const KEPT_BUCKETS = 10_000

/**
 * The rate budget of one process, shared by all its callers: who may send is decided by priority, then by who came first.
 * Kept in memory and timed by the Clock alone.
 */
export class MemoryBudget implements RateBudget {
  readonly #clock: Clock
  readonly #buckets = new Map<string, Bucket>()
  readonly #lanes = new Map<string, Lane>()
  readonly #lanesOf = new Map<Bucket, Set<Lane>>()
  #order = 0
  #grants = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Waits for room in all buckets. Throws rate_limited with `waitMs` when told to fail or past the deadline, or canceled. */
  acquire(ask: BudgetAsk): Promise<Lease> {
    if (ask.signal?.aborted) return Promise.reject(canceled(ask))
    const atOnce = this.#takeAtOnce(ask)
    if (atOnce !== undefined) return Promise.resolve(atOnce)
    const lane = this.#laneOf(ask.buckets)
    return new Promise<Lease>((resolve, reject) => {
      const leave = (): void => this.#refuse(lane, waiter, canceled(ask))
      const settled = (): void => ask.signal?.removeEventListener('abort', leave)
      const waiter: Waiter = {
        ask,
        order: this.#order++,
        grant: () => {
          settled()
          resolve(this.#leaseOf(lane.buckets))
        },
        refuse: (error) => {
          settled()
          reject(error)
        },
      }
      ask.signal?.addEventListener('abort', leave, { once: true })
      lane.add(waiter)
      this.#serve(lane.buckets)
    })
  }

  /** The lease of a request that nobody stands before and that has room: no queue, no alarm. */
  #takeAtOnce(ask: BudgetAsk): Lease | undefined {
    const now = this.#clock.now()
    if (ask.deadline !== undefined && ask.deadline <= now) return undefined
    const buckets = ask.buckets.map((each) => this.#bucketOf(each))
    const isQueued = this.#lanesOf.size > 0 && buckets.some((bucket) => this.#lanesOf.has(bucket))
    if (isQueued || !decide(buckets, now).grant) return undefined
    take(buckets, now)
    this.#grants += 1
    return this.#leaseOf(buckets)
  }

  /** State of the tightest windowed bucket. */
  state(asks: readonly BucketAsk[]): BudgetState | undefined {
    return stateOf(
      asks.map((ask) => this.#bucketOf(ask)),
      this.#clock.now(),
    )
  }

  #bucketOf(ask: BucketAsk): Bucket {
    const known = this.#buckets.get(ask.key)
    if (known !== undefined) {
      known.ask = ask
      return known
    }
    this.#forgetIdle()
    const bucket = createBucket(ask)
    this.#buckets.set(ask.key, bucket)
    return bucket
  }

  #forgetIdle(): void {
    if (this.#buckets.size < KEPT_BUCKETS || this.#buckets.size % 1000 !== 0) return
    const now = this.#clock.now()
    for (const [key, bucket] of this.#buckets) {
      if (isIdle(bucket, now) && !this.#lanesOf.has(bucket)) this.#buckets.delete(key)
    }
  }

  #laneOf(asks: readonly BucketAsk[]): Lane {
    const key = asks.map((ask) => ask.key).join('\n')
    const buckets = asks.map((ask) => this.#bucketOf(ask))
    const lane = this.#lanes.get(key) ?? new Lane(key, buckets)
    this.#lanes.set(key, lane)
    for (const bucket of buckets) this.#lanesOf.set(bucket, (this.#lanesOf.get(bucket) ?? new Set()).add(lane))
    return lane
  }

  #forget(lane: Lane): void {
    this.#lanes.delete(lane.key)
    for (const bucket of lane.buckets) {
      const lanes = this.#lanesOf.get(bucket)
      lanes?.delete(lane)
      if (lanes?.size === 0) this.#lanesOf.delete(bucket)
    }
  }

  /** Serves everybody who can go now and waits for one of these buckets, then sets the alarms of the others. */
  #serve(buckets: readonly Bucket[]): void {
    const lanes = new Set(buckets.flatMap((bucket) => [...(this.#lanesOf.get(bucket) ?? [])]))
    if (lanes.size === 0) return
    const now = this.#clock.now()
    const open = new Set(lanes)
    for (let next = nextWaiter(open, this.#grants); next !== undefined; next = nextWaiter(open, this.#grants)) {
      const { lane, waiter } = next
      const isLate = waiter.ask.deadline !== undefined && waiter.ask.deadline <= now
      if (!isLate && !decide(lane.buckets, now).grant) open.delete(lane)
      else if (isLate) this.#refuse(lane, waiter, limited(waiter.ask, lane.buckets, now))
      else this.#grant(lane, waiter, now)
    }
    for (const lane of lanes) this.#await(lane, now)
  }

  #grant(lane: Lane, waiter: Waiter, now: number): void {
    lane.remove(waiter)
    take(lane.buckets, now)
    this.#grants += 1
    waiter.grant()
  }

  #refuse(lane: Lane, waiter: Waiter, error: EngineError): void {
    if (!lane.remove(waiter)) return
    waiter.refuse(error)
    if (lane.isEmpty) this.#await(lane, this.#clock.now())
  }

  /** Refuses those for whom waiting is no use and sets the alarm for the rest. */
  #await(lane: Lane, now: number): void {
    const decision = decide(lane.buckets, now)
    const waitMs = decision.grant ? 0 : decision.waitMs
    for (const waiter of lane.waiters) {
      const { deadline, onLimit } = waiter.ask
      const isHopeless = deadline !== undefined && now + (waitMs ?? 0) >= deadline
      if (onLimit !== 'fail' && !isHopeless) continue
      if (lane.remove(waiter)) waiter.refuse(limited(waiter.ask, lane.buckets, now))
    }
    lane.alarm?.abort()
    lane.alarm = undefined
    if (lane.isEmpty) this.#forget(lane)
    let ring = lane.isEmpty || waitMs === undefined ? Number.POSITIVE_INFINITY : now + waitMs
    for (const { ask } of lane.waiters) ring = Math.min(ring, ask.deadline ?? ring)
    if (Number.isFinite(ring)) this.#ring(lane, ring - now)
  }

  #ring(lane: Lane, ms: number): void {
    const alarm = new AbortController()
    lane.alarm = alarm
    const wake = (): void => {
      if (lane.alarm !== alarm) return
      lane.alarm = undefined
      this.#serve(lane.buckets)
    }
    this.#clock.sleep(Math.min(LONGEST_SLEEP_MS, Math.max(1, ms)), alarm.signal).then(wake, () => undefined)
  }

  #leaseOf(buckets: readonly Bucket[]): Lease {
    let isDone = false
    return {
      done: (feedback?: BudgetFeedback): void => {
        if (isDone) return
        isDone = true
        giveBack(buckets, feedback, this.#clock.now())
        const makesRoom = feedback !== undefined || buckets.some(({ ask }) => ask.kind === 'concurrency')
        if (makesRoom) this.#serve(buckets)
      },
    }
  }
}

function limited(ask: BudgetAsk, buckets: readonly Bucket[], now: number): EngineError {
  const decision = decide(buckets, now)
  const waitMs = decision.grant ? undefined : decision.waitMs
  const why = ask.onLimit === 'fail' ? 'the call does not wait' : 'the wait would pass its deadline'
  return new EngineError('rate_limited', `The rate limit of the account is reached and ${why}`, { waitMs, sent: false })
}

function canceled(ask: BudgetAsk): EngineError {
  return new EngineError('canceled', 'The caller left before the request was sent', {
    cause: ask.signal?.reason,
    sent: false,
  })
}
