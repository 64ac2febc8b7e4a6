import type { BucketAsk, BudgetFeedback, BudgetState } from '../ports.ts'

/**
 * Windows are taken a little longer than declared: requests reach the provider some milliseconds apart from when they
 * were granted, and without this share of the window two bursts would meet in one of its windows.
 */
const GUARD = 0.03

/** What is known of one bucket. Changed by the functions of this file only; instants are epoch ms. */
export interface Bucket {
  /** Replaced when a definition with other limits is loaded. */
  ask: BucketAsk
  /** Requests under way. */
  inFlight: number
  /** window: when it ends, and what was taken since it began. */
  windowEnd: number
  used: number
  /** sliding: when each request of the last window was granted, oldest first. */
  granted: number[]
  blockedUntil: number
}

/** Go, or how long to wait; no `waitMs` means until a request under way is done. */
export type Decision = { readonly grant: true } | { readonly grant: false; readonly waitMs: number | undefined }

const GRANTED: Decision = Object.freeze({ grant: true })
const FULL: Decision = Object.freeze({ grant: false, waitMs: undefined })

/** A bucket that nothing was taken from yet. */
export const createBucket = (ask: BucketAsk): Bucket => ({
  ask,
  inFlight: 0,
  windowEnd: 0,
  used: 0,
  granted: [],
  blockedUntil: 0,
})

const guarded = (windowMs: number): number => Math.ceil(windowMs * (1 + GUARD))

function prune(bucket: Bucket, nowMs: number): void {
  const from = nowMs - guarded(bucket.ask.windowMs)
  const kept = bucket.granted.findIndex((instant) => instant > from)
  if (kept !== 0) bucket.granted = kept < 0 ? [] : bucket.granted.slice(kept)
}

/** The wait of one bucket: 0 when it has room, undefined when only the end of a request makes room. */
function waitOf(bucket: Bucket, nowMs: number): number | undefined {
  const blocked = Math.max(0, bucket.blockedUntil - nowMs)
  const { kind, limit, windowMs } = bucket.ask
  if (kind === 'concurrency') return bucket.inFlight < limit ? blocked : undefined
  if (kind === 'window') {
    const isFull = nowMs < bucket.windowEnd && bucket.used >= limit
    return Math.max(blocked, isFull ? bucket.windowEnd - nowMs : 0)
  }
  prune(bucket, nowMs)
  const oldest = bucket.granted[bucket.granted.length - limit]
  return Math.max(blocked, oldest === undefined ? 0 : oldest + guarded(windowMs) - nowMs)
}

/** Whether a request may go now that takes from all these buckets; the longest wait wins. */
export function decide(buckets: readonly Bucket[], nowMs: number): Decision {
  let longest = 0
  let isFull = false
  for (const bucket of buckets) {
    const wait = waitOf(bucket, nowMs)
    if (wait === undefined) isFull = true
    else if (wait > longest) longest = wait
  }
  if (longest > 0) return { grant: false, waitMs: longest }
  return isFull ? FULL : GRANTED
}

/** Takes one request from each bucket; call it only after `decide` granted it at the same instant. */
export function take(buckets: readonly Bucket[], nowMs: number): void {
  for (const bucket of buckets) {
    bucket.inFlight += 1
    if (bucket.ask.kind === 'sliding') bucket.granted.push(nowMs)
    if (bucket.ask.kind !== 'window') continue
    if (nowMs >= bucket.windowEnd) {
      bucket.windowEnd = nowMs + guarded(bucket.ask.windowMs)
      bucket.used = 0
    }
    bucket.used += 1
  }
}

/** Ends a request and learns from its answer. `remaining` is believed where one bucket alone can be meant. */
export function giveBack(buckets: readonly Bucket[], feedback: BudgetFeedback | undefined, nowMs: number): void {
  for (const bucket of buckets) bucket.inFlight -= 1
  if (feedback === undefined) return
  const { remaining, resetAt, blockedUntil } = feedback
  const until = Math.max(blockedUntil ?? 0, remaining === 0 ? (resetAt ?? 0) : 0)
  for (const bucket of buckets) bucket.blockedUntil = Math.max(bucket.blockedUntil, until)
  const windows = buckets.filter(({ ask }) => ask.kind === 'window')
  const [only] = windows
  if (only === undefined || windows.length > 1 || remaining === undefined || resetAt === undefined) return
  if (resetAt <= nowMs || remaining > only.ask.limit) return
  only.windowEnd = resetAt
  only.used = Math.max(nowMs < only.windowEnd ? only.used : 0, only.ask.limit - remaining)
}

/** The tightest windowed bucket; undefined when there is none. */
export function stateOf(buckets: readonly Bucket[], nowMs: number): BudgetState | undefined {
  const states = buckets.filter(({ ask }) => ask.kind !== 'concurrency').map((bucket) => oneState(bucket, nowMs))
  const share = ({ remaining, limit }: BudgetState) => remaining / limit
  return states.sort((a, b) => share(a) - share(b) || b.resetMs - a.resetMs)[0]
}

function oneState(bucket: Bucket, nowMs: number): BudgetState {
  const { kind, limit, windowMs } = bucket.ask
  if (kind === 'sliding') prune(bucket, nowMs)
  const isOpen = kind === 'sliding' ? bucket.granted.length > 0 : nowMs < bucket.windowEnd
  const used = kind === 'sliding' ? bucket.granted.length : bucket.used
  const end = kind === 'sliding' ? (bucket.granted[0] ?? nowMs) + guarded(windowMs) : bucket.windowEnd
  const blockedMs = Math.max(0, bucket.blockedUntil - nowMs)
  const remaining = blockedMs > 0 ? 0 : Math.max(0, limit - (isOpen ? used : 0))
  return { limit, remaining, resetMs: Math.max(blockedMs, isOpen ? end - nowMs : 0) }
}

/** Whether a bucket can be forgotten: it would decide as a new one does. */
export function isIdle(bucket: Bucket, nowMs: number): boolean {
  prune(bucket, nowMs)
  const isQuiet = bucket.inFlight === 0 && bucket.granted.length === 0
  return isQuiet && bucket.windowEnd <= nowMs && bucket.blockedUntil <= nowMs
}
