import { afterAll, afterEach, beforeAll } from 'vitest'
import { type CallOptions, openStand, type Stand } from './stand.ts'

/** A part of a batch as it is sent. */
export type Part = Record<string, unknown>

/** A stand with twelve customers for the tests of a file, and calls of its batches. */
export function useBatches() {
  let stand: Stand | undefined
  const open = (): Stand => {
    if (stand === undefined) throw new Error('The stand is not open yet')
    return stand
  }
  beforeAll(async () => {
    stand = await openStand()
    stand.upstream.addCustomers(12)
  })
  afterAll(() => stand?.close())
  afterEach(() => {
    open().upstream.next = null
  })
  return {
    get stand(): Stand {
      return open()
    },
    run: (resources: readonly Part[], more: Record<string, unknown> = {}, options: CallOptions = {}) =>
      open().call('POST', '/batch-request', {
        ...options,
        body: { integrated_account_id: 'acme-1', resources, ...more },
      }),
    /** Requests that have reached the upstream. */
    sent: (): number => open().upstream.reached.length,
  }
}

/** The statuses of a batch's parts, in order. */
export const statuses = ({ body }: { body: { resources: { status: string }[] } }): string[] =>
  body.resources.map(({ status }) => status)
