import { describe, expect, it } from 'vitest'
import { customers, fields, OF_ACCOUNT, OF_ENVIRONMENT, useOverrides } from './override-calls.ts'
import { customersPath } from './stand.ts'
import { GOOD_KEY } from './upstream.ts'

const overrides = useOverrides()
const { customer, put, remove, versionOf } = overrides

describe('overrides', () => {
  it('of the account win over those of the environment field by field, from the next call on', async () => {
    expect(await customer()).toMatchObject({ name: 'Customer 0', description: null })
    const environment = await put(OF_ENVIRONMENT, {
      override: fields({ name: '$uppercase(name)', description: 'email' }),
    })
    expect(environment).toMatchObject({ status: 200, body: { environment: 'default', integrated_account_id: null } })
    expect(await customer()).toMatchObject({ name: 'CUSTOMER 0', description: 'c0@example.com' })
    await put(OF_ACCOUNT, { override: fields({ name: '$lowercase(name)', email: { $remove: true } }) })
    expect(await customer()).toMatchObject({ name: 'customer 0', description: 'c0@example.com', email: null })
    const { body } = await overrides.stand.call('GET', '/integrated-account/acme-1/capabilities')
    expect(body.models['payment-gateway'].customers.fields.email.readable).toBe(false)
    await remove(OF_ACCOUNT)
    expect(await customer()).toMatchObject({ name: 'CUSTOMER 0', email: 'c0@example.com' })
    await remove(OF_ENVIRONMENT)
    expect(await customer()).toMatchObject({ name: 'Customer 0', description: null })
  })

  it('come as text too, whose meaning is what is kept', async () => {
    const text =
      'payment-gateway:\n  resources:\n    customers:\n      fields:\n        # shouted\n        name: $uppercase(name)\n'
    const { status, body } = await put(OF_ACCOUNT, { text })
    expect({ status, override: body.override }).toEqual({ status: 200, override: fields({ name: '$uppercase(name)' }) })
    expect(await customer()).toMatchObject({ name: 'CUSTOMER 0' })
  })

  it('change filters', async () => {
    const removed = await put(OF_ACCOUNT, { override: customers({ filters: { email: { $remove: true } } }) })
    expect(removed.status).toBe(200)
    const listed = await overrides.stand.call('GET', customersPath('', 'email=c0@example.com'))
    expect(listed.body).toMatchObject({ code: 'unsupported_filter' })
  })
})

describe('what is wrong with overrides', () => {
  it('is told all at once, with pointers into the body', async () => {
    const override = {
      ...fields({ nmae: 'name', email: '', phone: '$credentials.key' }),
      zoo: { resources: { pets: { fields: { id: 'id' } } } },
    }
    const { status, body } = await put(OF_ACCOUNT, { override })
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'invalid_body' })
    const at = '/override/payment-gateway/resources/customers/fields'
    const found = body.issues.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`)
    expect(found).toEqual(
      expect.arrayContaining([
        `unknown_field ${at}/nmae`,
        `override_empty ${at}/email`,
        `credentials_outside_auth ${at}/phone`,
        expect.stringMatching(/^unknown_unified_resource \/override\/zoo/),
      ]),
    )
    expect(body.issues.every(({ line }: { line?: number }) => line === undefined)).toBe(true)
    expect(await versionOf(OF_ACCOUNT)).toBe((await overrides.stand.call('GET', OF_ACCOUNT)).body.version)
    expect(await customer()).toMatchObject({ name: 'Customer 0' })
  })

  it('has its line and column in a text', async () => {
    const lines = ['payment-gateway:', '  resources:', '    customers:', '      fields:', '        nmae: name']
    const { body } = await put(OF_ACCOUNT, { text: [...lines, '        phone: $nope(name)'].join('\n') })
    expect(body.issues).toMatchObject([
      { code: 'unknown_field', line: 5, column: 9, valid: expect.arrayContaining(['name']) },
      { code: 'unknown_function', line: 6, column: 16 },
    ])
  })

  it.each([
    ['neither data nor text', {}, 422, 'invalid_body'],
    ['both', { override: fields({ name: 'id' }), text: 'a: 1' }, 422, 'invalid_body'],
    ['nothing', { override: {} }, 422, 'invalid_body'],
    ['an empty text', { text: '' }, 422, 'invalid_body'],
    ['a text of nothing', { text: '{}' }, 422, 'invalid_body'],
    ['no YAML', { text: '{ a: [' }, 422, 'invalid_body'],
    ['an alias', { text: 'a: &x 1\nb: *x' }, 422, 'invalid_body'],
    ['auth', { override: { auth: { methods: {} } } }, 422, 'invalid_body'],
    ['a write', { override: customers({ create: { to: 'customers.create' } }) }, 422, 'invalid_body'],
    ['a host', { text: 'hosts: { default: { url: "https://evil.example" } }' }, 422, 'invalid_body'],
    ['too much', { override: fields({ name: `"${'x'.repeat(65_536)}"` }) }, 413, 'body_too_large'],
    ['too much text', { text: `# ${'é'.repeat(32_768)}` }, 413, 'body_too_large'],
  ])('is refused without a trace in what counts: %s', async (_what, body, status, code) => {
    for (const path of [OF_ACCOUNT, OF_ENVIRONMENT]) {
      const before = await versionOf(path)
      const answer = await put(path, body)
      expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code })
      expect(await versionOf(path)).toBe(before)
    }
  })

  it('between the layers is told when the lower one changes, by the account that it breaks', async () => {
    await put(OF_ACCOUNT, { override: customers({ absent: { description: 'We keep no notes.' } }) })
    const { status, body } = await put(OF_ENVIRONMENT, { override: fields({ description: 'email' }) })
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'invalid_body' })
    expect(body.issues).toMatchObject([{ code: 'field_conflict', message: expect.stringContaining('acme-1') }])
    expect(await customer()).toMatchObject({ description: null })
    expect((await put(OF_ENVIRONMENT, { override: fields({ phone: 'email' }) })).status).toBe(200)
  })
})

describe('versions', () => {
  it('have who, when and why, and can be looked at, compared and brought back', async () => {
    const base = await versionOf(OF_ACCOUNT)
    await put(OF_ACCOUNT, { override: fields({ name: 'email', phone: 'name' }), note: 'mails as names' })
    await overrides.stand.clock.advance(60_000)
    const second = customers({ fields: { name: '$uppercase(email)' }, filters: { email: { scan: true } } })
    await put(OF_ACCOUNT, { override: second })
    const { body: history } = await overrides.stand.call('GET', `${OF_ACCOUNT}/history?limit=2`)
    const who = expect.stringMatching(/^token:/)
    expect(history.result).toMatchObject([
      {
        version: base + 2,
        change: 'set',
        note: null,
        by: who,
        at: new Date(overrides.stand.clock.now()).toISOString(),
      },
      { version: base + 1, change: 'set', note: 'mails as names' },
    ])
    const older = await overrides.stand.call('GET', `${OF_ACCOUNT}/history?limit=2&next_cursor=${history.next_cursor}`)
    expect(older.body.result[0]?.version).toBe(base)

    const { body: diff } = await overrides.stand.call('GET', `${OF_ACCOUNT}/diff?from=${base + 1}`)
    const at = { model: 'payment-gateway', resource: 'customers' }
    expect(diff).toEqual({
      from: base + 1,
      to: base + 2,
      changes: [
        { ...at, part: 'fields', name: 'name', from: 'email', to: '$uppercase(email)' },
        { ...at, part: 'fields', name: 'phone', from: 'name', to: null },
        { ...at, part: 'filters', name: 'email', from: null, to: '{"scan":true}' },
      ],
    })
    const { body: whole } = await overrides.stand.call('GET', `${OF_ACCOUNT}/diff?from=0&to=${base + 1}`)
    expect(whole.changes.map(({ to }: { to: string }) => to)).toEqual(['email', 'name'])

    const rollback = { version: base + 1, current_version: base + 2, note: 'too loud' }
    const { body: back } = await overrides.stand.call('POST', `${OF_ACCOUNT}/rollback`, { body: rollback })
    expect(back).toMatchObject({
      version: base + 3,
      change: 'rolled_back',
      restored_version: base + 1,
      note: 'too loud',
    })
    expect(await customer()).toMatchObject({ name: 'c0@example.com', phone: 'Customer 0' })
    const { body: old } = await overrides.stand.call('GET', `${OF_ACCOUNT}?version=${base + 2}`)
    expect(old).toMatchObject({ version: base + 2, override: second })
  })

  it('that are not the one that counts are not replaced', async () => {
    const stale = await versionOf(OF_ACCOUNT)
    await put(OF_ACCOUNT, { override: fields({ name: 'email' }) })
    const body = { override: fields({ name: 'id' }), current_version: stale }
    const tries = [
      await overrides.stand.call('PUT', OF_ACCOUNT, { body }),
      await overrides.stand.call('DELETE', `${OF_ACCOUNT}?current_version=${stale}`),
      await overrides.stand.call('POST', `${OF_ACCOUNT}/rollback`, {
        body: { version: stale, current_version: stale },
      }),
    ]
    expect(tries.map((answer) => [answer.status, answer.body.code])).toEqual(Array(3).fill([409, 'conflict']))
    expect(await customer()).toMatchObject({ name: 'c0@example.com' })
  })

  it.each([
    ['GET', `${OF_ACCOUNT}?version=999`, undefined, 404, 'not_found'],
    ['GET', `${OF_ACCOUNT}?version=x`, undefined, 400, 'invalid_parameter'],
    ['GET', `${OF_ACCOUNT}/diff`, undefined, 400, 'invalid_parameter'],
    ['GET', `${OF_ACCOUNT}/diff?from=999`, undefined, 404, 'not_found'],
    ['DELETE', OF_ACCOUNT, undefined, 400, 'invalid_parameter'],
    ['PUT', OF_ACCOUNT, { override: fields({ name: 'id' }) }, 422, 'invalid_body'],
    ['POST', `${OF_ACCOUNT}/rollback`, { version: 999, current_version: 0 }, 404, 'not_found'],
    ['GET', '/environment/default/override/acne', undefined, 404, 'unknown_integration'],
  ])('that are not there: %s %s', async (verb, path, body, status, code) => {
    const answer = await overrides.stand.call(verb, path, body === undefined ? {} : { body })
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code })
  })

  it('are audited with who made them, refused ones too', async () => {
    await overrides.stand.clock.advance(1_000)
    await put(OF_ACCOUNT, { override: fields({ name: 'email' }) })
    await overrides.stand.clock.advance(1_000)
    await put(OF_ACCOUNT, { override: fields({ nmae: 'email' }) })
    await overrides.stand.clock.advance(1_000)
    await put(OF_ENVIRONMENT, { override: fields({ name: 'email' }) })
    const { body } = await overrides.stand.call('GET', '/audit-log?limit=3')
    expect(body.result).toMatchObject([
      { action: 'override.set', target: 'environment:default', outcome: 'succeeded', details: { integration: 'acme' } },
      {
        action: 'override.set',
        target: 'integrated_account:acme-1',
        outcome: 'failed',
        details: { code: 'invalid_body' },
      },
      { action: 'override.set', target: 'integrated_account:acme-1', outcome: 'succeeded' },
    ])
  })
})

describe('rights', () => {
  it('reading needs role read, changing and trying role admin, and an account token has none of it', async () => {
    const tokenOf = async (role: string): Promise<string> =>
      (await overrides.stand.call('POST', '/api-token', { body: { role } })).body.token
    const [read, write, account] = [await tokenOf('read'), await tokenOf('write'), await overrides.stand.accountToken()]
    const changes = [
      ['PUT', OF_ACCOUNT],
      ['DELETE', OF_ACCOUNT],
      ['POST', `${OF_ACCOUNT}/rollback`],
      ['POST', `${OF_ACCOUNT}/try`],
    ] as const
    for (const [verb, path] of changes) {
      for (const token of [read, write, account])
        expect((await overrides.stand.call(verb, path, { token })).status).toBe(403)
    }
    expect((await overrides.stand.call('GET', OF_ACCOUNT, { token: read })).status).toBe(200)
    expect((await overrides.stand.call('GET', OF_ACCOUNT, { token: account })).status).toBe(403)
  })

  it('an environment can be tried only with accounts of its own', async () => {
    await overrides.stand.call('POST', '/environment', { body: { id: 'theirs', name: 'Theirs' } })
    const settings = { base_url: overrides.stand.upstream.origin }
    const theirs = { id: 'theirs-1', integration: 'acme', tenant_id: 't', credentials: { key: GOOD_KEY }, settings }
    const inTheirs = { headers: { 'x-onefold-environment': 'theirs' } }
    expect((await overrides.stand.call('POST', '/integrated-account', { ...inTheirs, body: theirs })).status).toBe(201)
    const given = { model: 'payment-gateway', resource: 'customers', id: 'cus0000', override: fields({ name: 'id' }) }
    const body = { ...given, integrated_account_id: 'theirs-1' }
    for (const options of [{}, inTheirs]) {
      const answer = await overrides.stand.call('POST', `${OF_ENVIRONMENT}/try`, { ...options, body })
      expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 404, code: 'unknown_account' })
    }
    await put(OF_ENVIRONMENT, { override: fields({ name: 'email' }) })
    const path = customersPath('/cus0000').replace('acme-1', 'theirs-1')
    expect((await overrides.stand.call('GET', path, inTheirs)).body.name).toBe('Customer 0')
  })
})
