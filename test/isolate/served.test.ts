import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, customersPath, DEFINITIONS, openStand, type Stand } from '../http/stand.ts'
import { LOOP, stoppedInTime } from './support.ts'

/** Fills the heap of whatever runs it; the package does, as its regular expression does not compile. */
const HOARD =
  '($odd := /(a+)+$/; $x := [1..90000]; $map([1..400], function($v) { $map($x, function($w) { $w + 0.5 }) }))'

const INTEGRATION = 'integrations/acme/integration.yaml'
const MAPPING = 'integrations/acme/mappings/payment-gateway.yaml'

interface Slot {
  readonly file: string
  readonly from: string
  readonly to: (hostile: string) => string
  readonly path?: string
}

/** Slots of every kind, each with a call that reads it. */
const SLOTS: Readonly<Record<string, Slot>> = {
  'an error rule': {
    file: INTEGRATION,
    from: 'errors:\n',
    to: (x) => `errors:\n  - { when: '${x}', code: conflict }\n`,
  },
  'the next page': { file: INTEGRATION, from: 'has_more: $response.has_more', to: (x) => `has_more: '${x}'` },
  'a header': {
    file: INTEGRATION,
    from: 'request: { body: json }',
    to: (x) => `request: { body: json, headers: { acme-x: '{{ ${x} }}' } }`,
  },
  'the records': {
    file: INTEGRATION,
    from: 'response: { records: data }',
    to: (x) => `response: { records: '(${x}; data)' }`,
  },
  'what a failure says': {
    file: INTEGRATION,
    from: 'code: $response.error.code',
    to: (x) => `code: '${x}'`,
    path: customersPath('/cus9999'),
  },
  'a variant': {
    file: MAPPING,
    from: '    absent:\n      phone',
    to: (x) => `    variants: [{ name: odd, when: '${x}', fields: { name: email } }]\n    absent:\n      phone`,
  },
  'a lookup': {
    file: MAPPING,
    from: '    fields:\n      id: id\n      name: name\n',
    to: (x) =>
      `    lookups: { twin: { from: customers.get, by: get, ids: '${x}' } }\n    fields:\n      id: id\n      name: $lookup.twin.name\n`,
  },
  'a filter': {
    file: MAPPING,
    from: 'email: { param: email }',
    to: (x) => `email: { param: email, value: '${x}' }`,
    path: customersPath('', 'email=c0@example.com'),
  },
}

let folder: string
let stand: Stand
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-slots-'))
  cpSync(DEFINITIONS, folder, { recursive: true })
  cpSync(join(folder, 'integrations/acme'), join(folder, 'integrations/bolt'), { recursive: true })
  const bolt = join(folder, 'integrations/bolt/integration.yaml')
  writeFileSync(bolt, readFileSync(bolt, 'utf8').replace('name: acme', 'name: bolt'))
  stand = await openStand({ ONEFOLD_DEFINITIONS: folder })
  stand.upstream.addCustomers(1)
  const credentials = { key: 'ak_test_good1' }
  const settings = { base_url: stand.upstream.origin }
  const body = { id: 'bolt-1', integration: 'bolt', tenant_id: 'tenant-2', credentials, settings }
  expect((await stand.call('POST', '/integrated-account', { body })).status).toBe(201)
})
afterAll(async () => {
  await stand.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Does something while a slot of acme is hostile; afterwards it is as it was. */
async function whileHostile<T>({ file, from, to }: Slot, hostile: string, work: () => Promise<T>): Promise<T> {
  const place = join(folder, file)
  const text = readFileSync(place, 'utf8')
  expect(text).toContain(from)
  writeFileSync(place, text.replace(from, to(hostile)))
  await stand.server.services.definitions.reloadIfChanged()
  try {
    return await work()
  } finally {
    writeFileSync(place, text)
    await stand.server.services.definitions.reloadIfChanged()
  }
}

const ofBolt = () => stand.call('GET', '/unified/payment-gateway/customers?integrated_account_id=bolt-1')

const stopped = (path: string): Promise<Answer> =>
  stoppedInTime(
    stand,
    () => stand.call('GET', path),
    async () => expect((await ofBolt()).status).toBe(200),
  )

describe('in a server, an expression of an added folder that never ends', () => {
  it.each(Object.entries(SLOTS))(
    'in %s holds nobody up, and ends with a code and its address',
    async (_what, slot) => {
      const { status, body } = await whileHostile(slot, LOOP, () => stopped(slot.path ?? customersPath()))
      expect({ status, code: body.code }).toEqual({ status: 500, code: 'expression_limit' })
      expect(JSON.stringify(body)).toContain(`${folder}/${slot.file}:`)
      expect((await stand.call('GET', customersPath())).status).toBe(200)
    },
    60_000,
  )

  it('in a filter that an override states neither', async () => {
    const override = {
      'payment-gateway': { resources: { customers: { filters: { email: { param: 'email', value: LOOP } } } } },
    }
    const at = '/integrated-account/acme-1/override'
    const put = await stand.call('PUT', at, { body: { override, current_version: 0 } })
    expect(put.status, JSON.stringify(put.body)).toBe(200)
    const { body } = await stopped(customersPath('', 'email=c0@example.com'))
    expect(body.code).toBe('expression_limit')
    expect((await stand.call('DELETE', `${at}?current_version=${put.body.version}`)).status).toBeLessThan(300)
  }, 60_000)

  it('costs its own field only where it makes one', async () => {
    const slot = {
      file: MAPPING,
      from: 'name: name\n      email: email\n      created',
      to: (x: string) => `name: '${x}'\n      email: email\n      created`,
    }
    const { status, body } = await whileHostile(slot, LOOP, () => stopped(customersPath()))
    expect(status).toBe(200)
    expect(body.result[0]).toMatchObject({
      name: null,
      email: expect.any(String),
      _meta: { field_errors: [{ field: 'name' }] },
    })
  }, 60_000)

  it('that fills the memory ends its thread, not the server', async () => {
    const slot = SLOTS['the next page'] as Slot
    const { body } = await whileHostile(slot, HOARD, async () => {
      const pending = stand.call('GET', customersPath())
      expect((await ofBolt()).status).toBe(200)
      return await pending
    })
    expect(body.code).toBe('expression_limit')
    expect((await stand.call('GET', customersPath())).status).toBe(200)
  }, 60_000)
})
