import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Granted, Secret } from '../../engine/index.ts'
import { connectGrant, reconnectGrant } from '../../server/api/connect.ts'
import { customersPath, openStand, type Stand } from './stand.ts'
import { GOOD_KEY } from './upstream.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
})
afterAll(() => stand.close())

const grant = (token: string, identity: string | null = 'acct_1'): Granted => ({
  credentials: new Secret({ access_token: token }),
  expiresAt: null,
  renewAt: null,
  identity,
  scopes: null,
  settings: {},
})

const connect = (id: string, given: Granted) =>
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
  await expect(foreign).rejects.toMatchObject({ code: 'another_account' })
  expect(stand.upstream.reached).toHaveLength(before)
  expect(await calls('again')).toBe(200)
})

it('settings of an account by grant are proven with its token, which stays as it is', async () => {
  await connect('moved', grant(GOOD_KEY))
  const { accounts } = stand.server.services.stores
  const answer = await stand.call('PATCH', '/integrated-account/moved', {
    body: { settings: { base_url: stand.upstream.origin } },
  })
  expect(answer.status).toBe(200)
  expect((await accounts.load('default', 'moved')).reveal()).toEqual({ access_token: GOOD_KEY })
})
