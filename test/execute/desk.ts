import { afterAll, afterEach, beforeAll } from 'vitest'
import { type Definition, type Desk, openDesk } from '../support/calls.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

/** An upstream and a desk before it for the tests of a file; each test finds the upstream as it was at first. */
export function useDesk(definition: Definition): { readonly upstream: Upstream; readonly desk: Desk } {
  const open: { upstream?: Upstream; desk?: Desk } = {}
  beforeAll(async () => {
    open.upstream = await startUpstream()
    open.desk = openDesk(definition, open.upstream.url)
  })
  afterEach(() => open.upstream?.reset())
  afterAll(async () => {
    await open.desk?.close()
    await open.upstream?.close()
  })
  return open as { upstream: Upstream; desk: Desk }
}
