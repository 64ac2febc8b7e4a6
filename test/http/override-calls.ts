import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type Answer, customersPath, openStand, type Stand } from './stand.ts'

/** Path of the overrides of the stand's account. */
export const OF_ACCOUNT = '/integrated-account/acme-1/override'
/** Path of the overrides of its environment. */
export const OF_ENVIRONMENT = '/environment/default/override/acme'

/** An override of the customers. */
export const customers = (of: object) => ({ 'payment-gateway': { resources: { customers: of } } })
/** An override of their fields. */
export const fields = (of: object) => customers({ fields: of })

/** A stand with two customers for the tests of a file, without overrides at the start of each, and calls of them. */
export function useOverrides() {
  let opened: Stand | undefined
  const open = (): Stand => {
    if (opened === undefined) throw new Error('The stand is not open yet')
    return opened
  }
  const versionOf = async (path: string): Promise<number> => (await open().call('GET', path)).body.version
  const remove = async (path: string): Promise<Answer> =>
    open().call('DELETE', `${path}?current_version=${await versionOf(path)}`)
  beforeAll(async () => {
    opened = await openStand()
    opened.upstream.addCustomers(2)
  })
  afterAll(() => opened?.close())
  beforeEach(async () => {
    for (const path of [OF_ACCOUNT, OF_ENVIRONMENT]) await remove(path)
  })
  return {
    get stand(): Stand {
      return open()
    },
    versionOf,
    remove,
    put: async (path: string, body: object): Promise<Answer> =>
      open().call('PUT', path, { body: { current_version: await versionOf(path), ...body } }),
    /** The first customer as the unified API has it. */
    customer: async (): Promise<Record<string, unknown>> => (await open().call('GET', customersPath('/cus0000'))).body,
  }
}
