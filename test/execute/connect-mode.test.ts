import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { callOptions } from '../support/calls.ts'
import { openShop, type Shop } from '../support/shop.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

const LIVE = "hosts: { default: { url: 'https://api.acme.test/v1' } }"
const SIGN_IN = `    person:
      type: oauth2
      label: Sign in
      app: { client_id: { label: Client } }
      oauth2: { authorize: { path: /authorize }, client: { auth: none }, token: { path: /token } }
  verify: me.get`

let shop: Shop
let trial: Upstream
beforeAll(async () => {
  trial = await startUpstream(({ path }) => ({
    body: path === '/v1/token' ? { access_token: 't_1' } : { id: 'm_1', country: 'IS' },
  }))
  const hosts = `hosts: { default: { url: 'https://api.acme.test/v1', modes: { trial: '${trial.url}/v1' } } }
settings: { place: { label: Place, options: [live, trial], default: live } }
modes:
  trial: { livemode: false, match: { field: place, pattern: ^trial$ } }
  live: { livemode: true }`
  shop = await openShop({ edit: (text) => text.replace(LIVE, hosts).replace('  verify: me.get', SIGN_IN) })
})
afterAll(async () => {
  await shop.close()
  await trial.close()
})
beforeEach(() => {
  trial.received.length = 0
})

it('an account is proven at the host of the mode that its settings tell, before the mode is stored', async () => {
  const account = { ...shop.account, baseUrl: null, mode: null, connection: { place: 'trial' } }
  const found = await shop.engine.verify(account, callOptions())
  expect(found).toMatchObject({ identity: 'm_1', mode: 'trial', livemode: false, traits: { country: 'IS' } })
  expect(trial.received.map(({ path }) => path)).toEqual(['/v1/me'])
})

it('settings that change are proven where they lead', async () => {
  const account = { ...shop.account, baseUrl: null, mode: 'live', connection: { place: 'trial' } }
  expect(await shop.engine.verify(account, callOptions())).toMatchObject({ mode: 'trial' })
  expect(trial.received).toHaveLength(1)
})

it('a person is sent to that host, and the code is changed there', async () => {
  const asking = {
    integration: 'acme',
    method: 'person',
    app: new Secret({ client_id: 'c_1' }),
    connection: { place: 'trial' },
    redirectUri: 'https://onefold.test/back',
    state: 's_1',
  }
  const { url, codeVerifier } = await shop.engine.beginAuthorization(asking)
  expect(url).toContain(`${trial.url}/v1/authorize?`)
  const live = await shop.engine.beginAuthorization({ ...asking, connection: { place: 'live' } })
  expect(live.url).toContain('https://api.acme.test/v1/authorize?')
  const back = { ...asking, codeVerifier, parameters: { code: 'x', state: 's_1' } }
  const grant = await shop.engine.completeAuthorization(back)
  expect(grant.credentials.reveal()).toMatchObject({ access_token: 't_1' })
  expect(trial.received.map(({ path }) => path)).toEqual(['/v1/token'])
})
