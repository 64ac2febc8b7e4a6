import { createEngine, Secret } from '../../engine/index.ts'
import { openDesk } from '../support/calls.ts'
import { acmeWith } from './parties.ts'
import { CALLBACK, CLIENT, type OAuthServer } from './provider.ts'

/** A grant as a person gives it: begins, consents at the provider, exchanges the code. `name` tells grants apart. */
export async function consentedGrant(oauth: OAuthServer, name: string): Promise<Readonly<Record<string, string>>> {
  const method = {
    ...{ type: 'oauth2' as const, label: 'Sign in' },
    app: { client_id: { label: 'Id' }, client_secret: { label: 'Secret', secret: true } },
    oauth2: { authorize: { path: '/auth' }, token: { path: '/token' }, scopes: ['openid', 'offline_access'] },
  }
  const desk = openDesk({ ...acmeWith(method), hosts: { default: { url: oauth.url } } }, oauth.url)
  // Random enough for a real server, which refuses a proof key that it has seen.
  const random = {
    next: Math.random,
    id: (length = 21) => `${name}${Math.random()}`.replace(/\W/g, '').padEnd(length, 'x'),
  }
  const engine = createEngine({ ...desk.context, ports: { ...desk.context.ports, random } })
  const app = new Secret<Readonly<Record<string, string>>>(CLIENT)
  const state = `s-${name}`
  const asking = { integration: 'acme', method: 'oauth', app, connection: {}, redirectUri: CALLBACK, state }
  const { url, codeVerifier } = await engine.beginAuthorization(asking)
  const parameters = await consentAt(url, CALLBACK)
  const grant = await engine.completeAuthorization({ ...asking, codeVerifier, parameters })
  await desk.close()
  return grant.credentials.reveal()
}

/** What a browser does: follows redirects with its cookies until it is sent to `callback`, and answers the parameters. */
export async function consentAt(start: string, callback: string): Promise<Record<string, string>> {
  const cookies = new Map<string, string>()
  let url = start
  for (let hops = 0; hops < 12; hops += 1) {
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
    const answer = await fetch(url, { redirect: 'manual', headers })
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location === null) throw new Error(`no redirect from ${url}: ${answer.status} ${await answer.text()}`)
    url = new URL(location, url).href
    if (url.startsWith(callback)) return Object.fromEntries(new URL(url).searchParams)
  }
  throw new Error('too many redirects')
}
