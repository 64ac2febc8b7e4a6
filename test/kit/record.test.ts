import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { appendCase } from '../../server/kit/case-file.ts'
import { integrationIn, openKit } from '../../server/kit/definitions.ts'
import { caseOf } from '../../server/kit/record.ts'
import { ROOT } from '../support/house.ts'
import { KEY, live, openDesk } from './desk.ts'

const ada = (no: number, more: object = {}) => ({
  ...{
    client_no: no,
    full_name: 'Ada King',
    mail: 'ada.king@mail.example',
    note: `Ask ada.king@mail.example, key ${KEY}`,
  },
  ...{ since: '2026-03-02T10:00:00Z', archived: false, ...more },
})
const rows = () => ({ body: { page: 1, pages: 1, rows: [ada(9), ada(10, { full_name: 'Cy Moor' })] } })
const CASE = ['record', 'quarry', 'payment-gateway', 'customers', 'list', '--name', 'Two clients']

describe('onefold record', () => {
  it('writes a case that plays, with the same stand-in for the same value, to be reviewed', async () => {
    const desk = await openDesk(rows)
    const { code, stderr } = await desk.run(...CASE, ...live(desk))
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('1 exchanges with Quarry Pay') })
    const text = desk.read('cases/customers.yaml')
    for (const cut of ['ada.king', KEY, 'Cy Moor']) expect(text).not.toContain(cut)
    expect(text).toContain('# To be reviewed: recorded ')
    const written = parse(text).cases.at(-1)
    expect(written.expect.result.map(({ email }: { email: string }) => email)).toEqual(
      Array(2).fill('person1@example.test'),
    )
    expect(written.expect.result.map(({ name }: { name: string }) => name)).toEqual(['Person 1', 'Person 2'])
    const played = await desk.run('test', 'quarry')
    expect(played).toMatchObject({ code: 0, stdout: '9 passed, 0 failed, 1 to be reviewed\n' })
  })

  it('puts no case in the place of another unless it is told to', async () => {
    const desk = await openDesk(rows)
    await desk.run(...CASE, ...live(desk))
    const before = desk.read('cases/customers.yaml')
    const again = await desk.run(...CASE, ...live(desk))
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("has a case 'Two clients' already") })
    expect(desk.read('cases/customers.yaml')).toBe(before)
    desk.upstream.script = () => ({ body: { page: 1, pages: 1, rows: [ada(9)] } })
    expect((await desk.run(...CASE, ...live(desk), '--update')).code).toBe(0)
    const { cases } = parse(desk.read('cases/customers.yaml'))
    expect(cases).toHaveLength(5)
    expect(cases.at(-1).expect.result).toHaveLength(1)
    expect((await desk.run('test', 'quarry')).code).toBe(0)
  })

  it('refuses what is no integration before it calls anybody', async () => {
    const desk = await openDesk(rows)
    const { code, stderr } = await desk.run('record', 'nobody', 'customers', 'list', '--name', 'x', ...live(desk))
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('There is no integration nobody') })
    expect(desk.upstream.received).toEqual([])
  })
})

describe('a recorded case', () => {
  const kit = openKit({ folders: [join(ROOT, 'test/fixtures/providers/quarry')], only: 'quarry' })
  const integration = integrationIn(kit, 'quarry')
  // Long enough not to stand in other words by chance.
  const word = fc.stringMatching(/^[A-Z][a-z]{5,9}[0-9]{2}$/)
  const person = fc.record({
    full_name: fc.tuple(word, word).map((parts) => parts.join(' ')),
    mail: fc.tuple(word, word).map(([local, host]) => `${local}@${host}.example`),
    token: fc.stringMatching(/^tok_[A-Za-z0-9]{12}$/),
    phone: fc.stringMatching(/^\+49[1-9][0-9]{8}$/),
    street: fc.tuple(word, fc.integer({ min: 1, max: 99 })).map(([name, no]) => `${name} Street ${no}`),
  })

  it('holds no credential and no personal value, wherever and however they come', async () => {
    await fc.assert(
      fc.asyncProperty(person, person, word, word, async (one, other, key, secret) => {
        const clients = [one, other].map(({ full_name, mail, ...rest }, at) => ({
          ...{ client_no: at + 1, full_name, mail, since: '2026-03-02T10:00:00Z', archived: false },
          ...{ note: `${mail.toUpperCase()} called from ${rest.phone} about ${key}:${secret}`, ref: rest.token },
          ...{ address: { line1: rest.street, deep: [{ anything: full_name, phone: rest.phone }] } },
          ...{ page: `https://portal.example/?of=${encodeURIComponent(mail)}`, [mail]: true },
        }))
        const body = new TextEncoder().encode(JSON.stringify({ page: 1, pages: 1, rows: clients }))
        const request = {
          ...{ verb: 'GET', url: 'https://north.quarry.test/api/clients?archived=both&page=1&per_page=20' },
          ...{ headers: [['authorization', `Basic ${btoa(`${key}:${secret}`)}`]] as const, timeoutMs: 1, maxBytes: 1 },
        }
        const response = { status: 200, headers: { 'content-type': 'application/json', 'x-key': key }, body }
        const { value } = await caseOf({
          ...{ catalog: kit.catalog, integration, name: 'Two' },
          call: { model: 'payment-gateway', resource: 'customers', method: 'list' },
          tried: { exchanges: [{ request, response, durationMs: 1 }], credentials: { key, secret }, at: 0 },
        })
        const text = appendCase(undefined, value, 'note').toLowerCase()
        const hidden = [one, other].flatMap((each) => Object.values(each)).concat(key, secret, btoa(`${key}:${secret}`))
        const writings = hidden.flatMap((each) => [each, encodeURIComponent(each)])
        expect(writings.filter((each) => text.includes(each.toLowerCase()))).toEqual([])
        expect(value.expect.result).toHaveLength(2)
      }),
      { numRuns: 60 },
    )
  })

  it('keeps the shape of what it cuts', async () => {
    const desk = await openDesk(() => ({ body: { client: { ...ada(9), note: 'cus_Nf3kQ9aB' } } }))
    await desk.run(
      'record',
      'quarry',
      'clients',
      'get',
      '--id',
      '9',
      '--name',
      'One',
      ...live(desk),
      '--out',
      'one.yaml',
    )
    const [{ expect: wanted }] = parse(readFileSync(join(desk.folder, 'one.yaml'), 'utf8')).cases
    expect(wanted.result.note).toBe('cus_00000001')
    expect(wanted.result.since).toBe('2026-03-02T10:00:00Z')
  })
})
