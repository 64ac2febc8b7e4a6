import { afterAll, beforeAll, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { connectGrant, type Grant, reconnectGrant } from '../../server/api/connect.ts'
import { customersPath, openStand, type Stand } from './stand.ts'
import { GOOD_KEY } from './upstream.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
})
afterAll(() => stand.close())

const grant = (token: string, identity: string | null = 'acct_1'): Grant => ({
  credentials: new Secret({ access_token: token }),
  expiresAt: null,
  identity,
  scopes: null,
})

const connect = (id: string, given: Grant) =>
  connectGrant(stand.server.services, 'default', {
    ...{ id, integration: 'acme', tenantId: 't', authenticationMethod: 'granted', grant: given },
    settings: { base_url: stand.upstream.origin },
  })
const calls = async (id: string) => (await stand.call('GET', customersPath().replace('acme-1', id))).status

it('a grant connects an account as credentials do, beside the fields of the form', async () => {
  const account = await connect('granted', grant(GOOD_KEY))
  expect(account).toMatchObject({ status: 'active', identity: 'acct_1', livemode: true })
  const stored = await stand.server.services.stores.accounts.load('default', 'granted')
  expect(stored.reveal()).toEqual({ access_token: GOOD_KEY })
  expect(await calls('granted')).toBe(200)
})

it('a grant that the provider does not know leaves a validation_error without it', async () => {
  await expect(connect('dead', grant('none'))).rejects.toMatchObject({ code: 'invalid_credentials' })
  const { body } = await stand.call('GET', '/integrated-account/dead')
  expect(body).toMatchObject({ status: 'validation_error', has_credentials: false })
})

it('another grant of the same account is taken, that of another one is not, and nothing is asked for it', async () => {
  const { services } = stand.server
  const account = await connect('again', grant(GOOD_KEY))
  expect((await reconnectGrant(services, account, { grant: grant(GOOD_KEY) })).id).toBe('again')
  const before = stand.upstream.reached.length
  const foreign = reconnectGrant(services, account, { grant: grant(GOOD_KEY, 'acct_9') })
  await expect(foreign).rejects.toMatchObject({ code: 'invalid_credentials' })
  expect(stand.upstream.reached).toHaveLength(before)
  expect(await calls('again')).toBe(200)
})
