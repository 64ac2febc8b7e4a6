import { type Received, type Reply, startUpstream, type Upstream } from '../support/upstream.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'

const NEWEST_S = Date.UTC(2025, 10, 1) / 1000
const SECOND = 1_000

/** A provider of many payments, newest first, that answers after its latency and refuses what is above its limit. */
export interface PaymentProvider {
  readonly upstream: Upstream
  /** Path and query of each page that it gave, in order; `onPage` is called before one is sent. */
  readonly pages: string[]
  onPage: (() => void) | undefined
  /** Requests that were above its limit. */
  readonly refused: number
}

/** The native payment of this number. Some share their second. */
export const paymentOf = (n: number) => ({
  id: `pay_${String(n).padStart(7, '0')}`,
  created: NEWEST_S - Math.floor(n / 3) * 7,
  amount: 100 + (n % 9_999),
  currency: n % 2 === 0 ? 'EUR' : 'USD',
  note: `Order ${n * 17}`,
})

/** Starts it, on a clock. */
export async function startPayments(
  clock: VirtualClock,
  { size, latencyMs, perSecond }: { readonly size: number; readonly latencyMs: number; readonly perSecond: number },
): Promise<PaymentProvider> {
  const pages: string[] = []
  let lately: number[] = []
  const state = { refused: 0, onPage: undefined as (() => void) | undefined }
  const answer = (request: Received): Reply => {
    if (request.path.endsWith('/account')) return { body: { id: 'acct_1' } }
    pages.push(request.target)
    state.onPage?.()
    return { body: pageOf(request, size) }
  }
  const upstream = await startUpstream(async (request) => {
    lately = lately.filter((at) => at > clock.now() - SECOND)
    lately.push(clock.now())
    const isAbove = lately.length > perSecond
    if (isAbove) state.refused += 1
    await clock.sleep(latencyMs)
    return isAbove ? { status: 429, headers: { 'retry-after': '1' }, body: {} } : answer(request)
  })
  return Object.assign(state, { upstream, pages })
}

function pageOf({ query }: Received, size: number) {
  const [from, to] = [Number(query['created[gte]'] ?? 0), Number(query['created[lt]'] ?? Number.MAX_SAFE_INTEGER)]
  const start =
    query.after === undefined ? firstOf(size, (n) => paymentOf(n).created < to) : Number(query.after.slice(4)) + 1
  const end = firstOf(size, (n) => paymentOf(n).created < from)
  const upTo = Math.min(end, start + Number(query.limit ?? 10))
  const data = Array.from({ length: Math.max(0, upTo - start) }, (_, at) => paymentOf(start + at))
  return { data, has_more: upTo < end }
}

/** The first number for which something holds that holds for all behind it. */
function firstOf(size: number, holds: (n: number) => boolean): number {
  let [low, high] = [0, size]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
