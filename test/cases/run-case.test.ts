import { describe, expect, it } from 'vitest'
import { compileCatalog, runCases } from '../../engine/index.ts'
import { baseFiles, type Change, changed, modelFiles, quarryFiles } from '../definition/support.ts'

const FOLDER = 'integrations/quarry'
const quarry = [...modelFiles(), ...quarryFiles()]

/** What running the made-up provider's cases says after a change of one of its files. */
async function saidAfter(...changes: Omit<Change, 'root'>[]): Promise<string[]> {
  const files = changed(
    quarry,
    changes.map((change) => ({ ...change, file: `${FOLDER}/${change.file}`, root: 'quarry' })),
  )
  const { catalog, issues } = compileCatalog(files)
  expect(issues).toEqual([])
  const report = await runCases(catalog!, files)
  expect(report.count).toBe(8)
  expect(report.issues.every(({ code }) => code === 'case_failed')).toBe(true)
  return report.issues.map(({ message }) => message)
}

const CUSTOMERS = 'cases/customers.yaml'
const PAYMENTS = 'cases/payments.yaml'
const MAPPING = 'mappings/payment-gateway.yaml'

describe('cases', () => {
  it('hold as they are written', async () => {
    expect(await saidAfter()).toEqual([])
  })

  it.each<[string, Omit<Change, 'root'>, string]>([
    [
      'another value',
      { file: CUSTOMERS, from: "id: '10', name: Ada King", to: "id: '10', name: Bo" },
      '`name` is "Ada King", not "Bo"',
    ],
    [
      'a field too many',
      { file: CUSTOMERS, from: ', description: Pays late, created_at', to: ', created_at' },
      '`[1].description` is "Pays late", not missing',
    ],
    [
      'a record too few',
      { file: PAYMENTS, from: '        - id: shop~7', to: '        - id: none\n        - id: shop~7' },
      'there are 3 records, not 4',
    ],
    ['another end', { file: CUSTOMERS, from: 'more: true', to: 'more: false' }, '`more` is true, not false'],
    [
      'another error',
      { file: CUSTOMERS, from: 'code: record_not_found, provider', to: 'code: conflict, provider' },
      '`error.code` is "record_not_found", not "conflict"',
    ],
    [
      'another code of the provider',
      { file: CUSTOMERS, from: 'provider_code: NO_SUCH', to: 'provider_code: NONE' },
      '`error.provider_code` is "NO_SUCH", not "NONE"',
    ],
    [
      'an error that does not come',
      {
        file: CUSTOMERS,
        from: "      result: { id: '9', name: Ada King, email: ada@example.com, created_at",
        to: "      error: { code: timeout }\n    # result: { id: '9', created_at",
      },
      'not the error timeout',
    ],
    [
      'another query',
      { file: CUSTOMERS, from: 'archived: both, page', to: 'archived: both, sort: up, page' },
      '`query.sort` is missing, not "up"',
    ],
    [
      'another header',
      { file: CUSTOMERS, from: 'Basic azpz', to: 'Basic none' },
      '`headers.authorization` is "Basic azpz", not "Basic none"',
    ],
    [
      'another body',
      { file: PAYMENTS, from: "body: { amount: '12.50', currency", to: "body: { amount: '12.5', currency" },
      '`body.amount` is "12.50", not "12.5"',
    ],
    [
      'another path',
      { file: PAYMENTS, from: 'path: /api/ledgers/main/entries/6', to: 'path: /api/ledgers/main/entries/5' },
      'it is GET /api/ledgers/main/entries/6, not GET /api/ledgers/main/entries/5',
    ],
    [
      'a field that does not fit the model',
      { file: MAPPING, from: "captured: state = 'TAKEN'", to: 'captured: state' },
      '`field_errors` has 1 entries, not 0',
    ],
  ])('fail on %s and say so', async (_name, change, message) => {
    const said = await saidAfter(change)
    expect(said.length).toBeGreaterThan(0)
    expect(said[0]).toContain(message)
  })

  it('fail on an exchange that no request uses', async () => {
    const more =
      '      - request: { verb: GET, path: /api/site }\n        response: { status: 200, body: {} }\n    expect:\n      error: { code: record_not_found'
    const said = await saidAfter({
      file: CUSTOMERS,
      from: '    expect:\n      error: { code: record_not_found',
      to: more,
    })
    expect(said).toEqual(['A client that is not there: exchange 2 is not used: GET /api/site'])
  })

  it('fail on a request that no exchange expects, and name the closest one', async () => {
    const said = await saidAfter({
      file: 'resources/clients.yaml',
      from: 'path: /clients\n    description: Lists',
      to: 'path: /people\n    description: Lists',
    })
    expect(said).toEqual([expect.stringContaining('no exchange expects GET /api/people?') as string])
    expect(said[0]).toContain('exchange 1 differs: it is GET /api/people, not GET /api/clients')
  })

  it('stand at the name of the case', async () => {
    const files = changed(quarry, [
      { file: `${FOLDER}/${CUSTOMERS}`, from: 'more: true', to: 'more: false', root: 'quarry' },
    ])
    const { catalog } = compileCatalog(files)
    const { issues } = await runCases(catalog!, files)
    expect(issues).toMatchObject([{ file: `quarry/${FOLDER}/${CUSTOMERS}`, line: 3, column: 11 }])
  })

  it('fail on a connect that finds no identity, unless it is meant', async () => {
    const connect = (result: string) => `cases:
  - name: A key
    connect: true
    exchanges: [{ request: { verb: GET, path: /v1/account }, response: { status: 200, body: { key: a_1 } } }]
    expect: { result: ${result} }`
    const said = async (result: string) => {
      const files = changed(baseFiles(), [{ file: 'integrations/acme/cases/connect.yaml', text: connect(result) }])
      const { issues } = await runCases(compileCatalog(files).catalog!, files)
      return issues.map(({ message }) => message)
    }
    const kept = 'mode: test, livemode: false, traits: {}, settings: { site: north }'
    expect(await said(`{ ${kept} }`)).toEqual([
      'A key: `id` finds no identity in the answer to account.get; where that is meant, say `identity: null`',
    ])
    expect(await said(`{ identity: null, ${kept} }`)).toEqual([])
  })

  it('run proxy calls of the provider as well', async () => {
    const { catalog } = compileCatalog(baseFiles())
    expect(await runCases(catalog!, baseFiles())).toEqual({ count: 2, issues: [] })
  })
})
