import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { compileCatalog, runCases } from '../../engine/index.ts'

const INTEGRATION = {
  ...{ onefold: 1, name: 'acme', label: 'Acme', description: 'Made up.' },
  hosts: { default: { url: 'https://acme.test/v1' } },
  settings: { site: { label: 'Site', example: 'north', pattern: '^[a-z]+$' } },
  traits: { country: { from: 'account.get', value: 'country' } },
}
const METHODS = {
  key: { type: 'bearer', label: 'Key', fields: { key: { label: 'Key', secret: true } }, token: '$credentials.key' },
}
const account = {
  ...{ name: 'account', description: 'The account.' },
  methods: { get: { effect: 'read', verb: 'GET', path: '/account', description: 'Reads it.' } },
}
const hooks = {
  ...{ name: 'hooks', description: 'Where events go.' },
  methods: {
    create: {
      ...{ effect: 'write', verb: 'POST', path: '/hooks', description: 'Makes one.' },
      parameters: { tenant: { in: 'body', description: 'Whose.' } },
    },
    update: { effect: 'write', verb: 'PATCH', path: '/hooks/{{ $path.id }}', description: 'Changes one.' },
  },
}
const SUBSCRIBE = {
  ...{ name: 'subscribe', to: 'hooks.create', unless: '$account.traits.hook' },
  body: { tenant: '$account.tenant_id' },
  traits: { hook: 'id' },
}
const PLACE = {
  ...{ name: 'place', to: 'hooks.update', path: { id: '$account.traits.hook' } },
  body: { 'kinds.all': { const: true } },
  settings: { site: '$headers.`x-site`' },
}

function filesWith(steps: readonly object[], cases: readonly object[] = []) {
  const auth = { methods: METHODS, verify: 'account.get', identity: 'id', post_install: steps }
  const texts = {
    'integration.yaml': { ...INTEGRATION, auth },
    'resources/account.yaml': account,
    'resources/hooks.yaml': hooks,
    ...(cases.length > 0 ? { 'cases/connect.yaml': { cases } } : {}),
  }
  return Object.entries(texts).map(([path, data]) => ({
    path: `integrations/acme/${path}`,
    text: stringify(data, { aliasDuplicateObjects: false }),
  }))
}

const issuesOf = (...steps: object[]) =>
  compileCatalog(filesWith(steps)).issues.map(({ code, message }) => `${code}: ${message}`)

describe('steps of a connect', () => {
  it('that are whole have no issue', () => {
    expect(issuesOf(SUBSCRIBE, PLACE)).toEqual([])
  })

  it.each<[string, object, RegExp]>([
    ['an operation that is not there', { ...SUBSCRIBE, to: 'hooks.make' }, /^unknown_operation/],
    ['a path that nothing fills', { ...PLACE, path: {} }, /^path_parameter: nothing fills/],
    ['a parameter that is not declared', { ...SUBSCRIBE, body: { who: '$account.id' } }, /^unknown_parameter/],
    ['a setting that nobody declares', { ...PLACE, settings: { place: 'id' } }, /^unknown_setting/],
    ['a trait that nobody tells', { ...PLACE, body: { x: '$account.traits.hok' } }, /^unknown_trait/],
    ['credentials', { ...SUBSCRIBE, body: { tenant: '$credentials.key' } }, /^credentials_outside_auth/],
  ])('%s is told', (_what, step, issue) => {
    const issues = issuesOf(SUBSCRIBE, { ...step, name: 'second' })
    expect(issues).toHaveLength(1)
    expect(issues[0]).toMatch(issue)
  })
})

const ASKED = { verb: 'GET', path: '/v1/account' }
const VERIFIED = { request: ASKED, response: { status: 200, body: { id: 'acct_1', country: 'NO' } } }
const TRAITS = { country: 'NO', hook: 'h1' }
const PLACED = {
  request: { verb: 'PATCH', path: '/v1/hooks/h1', body: { kinds: { all: true } } },
  response: { status: 200, headers: { 'x-site': 'south' }, body: { id: 'h1' } },
}
const CONNECTS = {
  ...{ name: 'connects', connect: true },
  exchanges: [
    VERIFIED,
    {
      request: { verb: 'POST', path: '/v1/hooks', body: { tenant: 'tenant_case' } },
      response: { status: 201, body: { id: 'h1' } },
    },
    PLACED,
  ],
  expect: { result: { identity: 'acct_1', traits: TRAITS, settings: { site: 'south' } } },
}
const AGAIN = {
  ...{ name: 'connects again', connect: true, account: { traits: { hook: 'h1' } } },
  exchanges: [VERIFIED, PLACED],
  expect: { result: { identity: 'acct_1', traits: TRAITS, settings: { site: 'south' } } },
}
const oddSite = { ...PLACED, response: { ...PLACED.response, headers: { 'x-site': 'evil.com/#' } } }
const ODD = {
  ...{ name: 'a setting that its form refuses', connect: true, account: { traits: { hook: 'h1' } } },
  exchanges: [VERIFIED, oddSite],
  expect: { error: { code: 'provider_bad_response' } },
}

describe('a case that connects', () => {
  const run = async (...cases: object[]) => {
    const files = filesWith([SUBSCRIBE, PLACE], cases)
    const { catalog, issues } = compileCatalog(files)
    if (catalog === undefined || issues.length > 0) return issues.map(({ code, message }) => `${code}: ${message}`)
    return (await runCases(catalog, files)).issues.map(({ message }) => message)
  }

  it('runs the proof and every step, with what the steps before left', async () => {
    expect(await run(CONNECTS, AGAIN, ODD)).toEqual([])
  })

  it('fails where another thing comes out or is asked', async () => {
    const other = { result: { ...CONNECTS.expect.result, traits: { country: 'NO' } } }
    expect(await run({ ...CONNECTS, expect: other })).toEqual([expect.stringContaining('`traits.hook` is "h1"')])
    expect(await run({ ...AGAIN, exchanges: CONNECTS.exchanges })).toEqual([expect.stringContaining('is not used')])
  })

  it('shows a call or a connect, not both and not none', async () => {
    const call = { resource: 'account', method: 'get' }
    expect(await run({ ...CONNECTS, call })).toEqual([expect.stringMatching(/^conflicting_keys/)])
    const { connect: _connect, ...neither } = CONNECTS
    expect(await run(neither)).toEqual([expect.stringMatching(/^missing_key: `call` or `connect`/)])
  })
})
