import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { oauthMethod } from '../oauth/parties.ts'
import { DEFINITIONS, openStand, type Stand } from './stand.ts'

const PATH = '/environment/default/oauth-app/acme/oauth'
const FIELDS = { client_id: 'app-1', client_secret: 'app-secret-in-the-clear' }

let stand: Stand
const folder = mkdtempSync(join(tmpdir(), 'onefold-apps-'))

beforeAll(async () => {
  cpSync(DEFINITIONS, folder, { recursive: true })
  const file = join(folder, 'integrations/acme/integration.yaml')
  const definition = parse(readFileSync(file, 'utf8'))
  definition.auth.methods.oauth = oauthMethod()
  writeFileSync(file, stringify(definition))
  stand = await openStand({ ONEFOLD_DEFINITIONS: folder, ONEFOLD_PUBLIC_URL: 'https://pay.example.com' })
})
afterAll(async () => {
  await stand.close()
  rmSync(folder, { recursive: true })
})

describe('the app that an environment brings', () => {
  it('is set, read without its secrets, and forgotten, each audited', async () => {
    expect((await stand.call('GET', PATH)).status).toBe(404)
    const set = await stand.call('PUT', PATH, { body: { fields: FIELDS } })
    expect(set).toMatchObject({ status: 200 })
    expect(set.body).toMatchObject({
      ...{ environment: 'default', integration: 'acme', method: 'oauth' },
      ...{ fields: { client_id: 'app-1' }, secrets: ['client_secret'], missing: [] },
      redirect_uri: 'https://pay.example.com/oauth/callback/acme',
    })
    expect((await stand.call('GET', PATH)).body).toEqual(set.body)
    expect(JSON.stringify(set.body)).not.toContain(FIELDS.client_secret)
    expect(await stand.call('DELETE', PATH)).toMatchObject({ status: 200, body: { method: 'oauth' } })
    expect((await stand.call('DELETE', PATH)).status).toBe(404)
    const { body } = await stand.call('GET', '/audit-log')
    const acts = body.result.map(({ action, target }: { action: string; target: string }) => `${action} ${target}`)
    expect(acts).toEqual(
      expect.arrayContaining(['oauth_app.set oauth_app:acme/oauth', 'oauth_app.delete oauth_app:acme/oauth']),
    )
    expect(JSON.stringify(body)).not.toContain(FIELDS.client_secret)
  })

  it.each<[string, string, object, number, string]>([
    ['an unknown field', PATH, { fields: { ...FIELDS, other: 'x' } }, 422, 'invalid_body'],
    ['a missing field', PATH, { fields: { client_id: 'a' } }, 422, 'invalid_body'],
    ['a field that is no text', PATH, { fields: { client_id: 1 } }, 422, 'invalid_body'],
    ['a method without an app', PATH.replace(/oauth$/, 'key'), { fields: {} }, 422, 'invalid_body'],
    ['an unknown integration', PATH.replace('acme', 'nobody'), { fields: FIELDS }, 404, 'unknown_integration'],
    ['an unknown environment', PATH.replace('default', 'nowhere'), { fields: FIELDS }, 404, 'not_found'],
  ])('is refused with %s', async (_what, path, body, status, code) => {
    expect(await stand.call('PUT', path, { body })).toMatchObject({ status, body: { code } })
  })

  it('is for admins of the environment only', async () => {
    await stand.call('POST', '/environment', { body: { id: 'theirs', name: 'Theirs' } })
    const tokenOf = async (role: string, environment: string) => {
      const headers = { 'x-onefold-environment': environment }
      return (await stand.call('POST', '/api-token', { headers, body: { role } })).body.token as string
    }
    const write = await tokenOf('write', 'default')
    const foreign = await tokenOf('admin', 'theirs')
    for (const verb of ['PUT', 'GET', 'DELETE']) {
      const body = verb === 'PUT' ? { body: { fields: FIELDS } } : {}
      expect((await stand.call(verb, PATH, { ...body, token: write })).status).toBe(403)
      expect((await stand.call(verb, PATH, { ...body, token: foreign })).status).toBe(404)
    }
  })

  it('shows in the form of the integration, names only', async () => {
    const { body } = await stand.call('GET', '/integration/acme')
    const method = body.authentication_methods.find(({ name }: { name: string }) => name === 'oauth')
    expect(method).toMatchObject({ type: 'oauth2', grant: 'authorization_code', app: { client_id: {} } })
  })
})
