import { describe, expect, it } from 'vitest'
import { fields, OF_ACCOUNT, OF_ENVIRONMENT, useOverrides } from './override-calls.ts'

const overrides = useOverrides()
const { customer, put, versionOf } = overrides

describe('a trial', () => {
  const subject = { model: 'payment-gateway', resource: 'customers' }
  const tryOut = (path: string, body: object) =>
    overrides.stand.call('POST', `${path}/try`, { body: { ...subject, ...body } })

  it('maps a record of the provider, read once, with and without, and stores nothing', async () => {
    const before = await versionOf(OF_ACCOUNT)
    const reached = overrides.stand.upstream.reached.length
    const override = fields({ name: '$uppercase(name)', 'custom_fields.mail': 'email' })
    const { status, body } = await tryOut(OF_ACCOUNT, { id: 'cus0000', override })
    expect(status).toBe(200)
    expect(body.changes).toEqual([
      { field: 'custom_fields', current: null, proposed: { mail: 'c0@example.com' } },
      { field: 'name', current: 'Customer 0', proposed: 'CUSTOMER 0' },
    ])
    expect(body.current).toMatchObject({ id: 'cus0000', name: 'Customer 0' })
    expect(overrides.stand.upstream.reached).toHaveLength(reached + 1)
    expect(await versionOf(OF_ACCOUNT)).toBe(before)
    expect(await customer()).toMatchObject({ name: 'Customer 0' })
  })

  it('maps a given record, beside what counts now', async () => {
    await put(OF_ENVIRONMENT, { override: fields({ name: 'label' }) })
    const reached = overrides.stand.upstream.reached.length
    const record = { id: 'x', name: 'N', label: 'L', email: 'x@example.com', created: 1 }
    const own = await tryOut(OF_ACCOUNT, {
      record,
      text: 'payment-gateway: { resources: { customers: { fields: { name: name & label } } } }',
    })
    expect(own.body.changes).toEqual([{ field: 'name', current: 'L', proposed: 'NL' }])
    const account = { integrated_account_id: 'acme-1' }
    const common = await tryOut(OF_ENVIRONMENT, { ...account, record, override: fields({ email: { $remove: true } }) })
    expect(common.body.changes).toEqual([
      { field: 'email', current: 'x@example.com', proposed: null },
      { field: 'name', current: 'L', proposed: 'N' },
    ])
    expect(overrides.stand.upstream.reached).toHaveLength(reached)
  })

  it('shows a field that fails as a change of what is said about it', async () => {
    const { body } = await tryOut(OF_ACCOUNT, { id: 'cus0000', override: fields({ name: '$number(name)' }) })
    expect(body.proposed).toMatchObject({ name: null, _meta: { field_errors: [{ field: 'name' }] } })
    expect(body.changes.map(({ field }: { field: string }) => field)).toEqual(['_meta.field_errors', 'name'])
  })

  it.each([
    ['wrong overrides', { id: 'cus0000', override: fields({ nmae: 'x' }) }, 422, 'invalid_body'],
    ['no record', { override: fields({ name: 'id' }) }, 422, 'invalid_body'],
    ['two records', { id: 'x', record: {}, override: fields({ name: 'id' }) }, 422, 'invalid_body'],
    ['an unknown record', { id: 'cus9999', override: fields({ name: 'id' }) }, 404, 'record_not_found'],
    ['an unknown resource', { resource: 'pets', id: 'x', override: fields({ name: 'id' }) }, 404, 'unknown_resource'],
  ])('refuses %s', async (_what, given, status, code) => {
    const answer = await tryOut(OF_ACCOUNT, given)
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code })
  })
})
