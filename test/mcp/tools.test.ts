import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStand, type Stand } from '../http/stand.ts'

let stand: Stand
let token: string
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(3)
  token = await stand.accountToken({ effects: ['read', 'write', 'money'], expires_in: null })
})
afterAll(() => stand.close())

interface Tool {
  readonly name: string
  readonly resource: string
  readonly method: string
  readonly query_schema: { readonly properties: Readonly<Record<string, unknown>> }
  readonly body_schema?: { readonly properties: Readonly<Record<string, unknown>> }
  readonly required: readonly string[]
  readonly call: { readonly verb: string; readonly path: string; readonly query: Readonly<Record<string, string>> }
}

const PATH = '/integrated-account/acme-1/tools'

async function toolsAt(query = '', bearer = token): Promise<Tool[]> {
  const { status, body } = await stand.call('GET', `${PATH}${query}`, { token: bearer })
  expect([status, body.next_cursor]).toEqual([200, null])
  return body.result
}

/** Makes the call of a tool with flat arguments, as its `call` says. */
function run({ call, query_schema: query, body_schema: body }: Tool, args: Record<string, unknown>) {
  const parameters = new URLSearchParams(call.query)
  const path = call.path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(args[name])))
  for (const name of Object.keys(query.properties)) {
    if (name in args && !call.path.includes(`{${name}}`)) parameters.append(name, String(args[name]))
  }
  const sent = Object.fromEntries(
    Object.keys(body?.properties ?? {}).flatMap((name) => (name in args ? [[name, args[name]]] : [])),
  )
  const hasBody = call.verb === 'POST' || call.verb === 'PATCH'
  return stand.call(call.verb, `${path}?${parameters}`, { token, ...(hasBody ? { body: sent } : {}) })
}

it('has every native method that the token reaches, each with what calling it needs', async () => {
  const tools = await toolsAt()
  expect(tools.map(({ name }) => name).sort()).toEqual([
    'acme_customers_count',
    'create_a_acme_customers',
    'create_a_acme_files',
    'create_a_acme_refunds',
    'delete_a_acme_customers_by_id',
    'get_single_acme_account_by_id',
    'get_single_acme_customers_by_id',
    'list_all_acme_customers',
    'update_a_acme_customers_by_id',
  ])
  expect(tools.find(({ name }) => name === 'list_all_acme_customers')).toMatchObject({
    resource: 'customers',
    method: 'list',
    effect: 'read',
    description: expect.stringContaining('Lists customers'),
    query_schema: { properties: { email: {}, limit: {}, next_cursor: {} } },
    required: [],
    call: { verb: 'GET', path: '/proxy/customers', query: { integrated_account_id: 'acme-1' } },
  })
})

it.each([
  ['?methods=read', ['get_single_acme_account_by_id', 'get_single_acme_customers_by_id', 'list_all_acme_customers']],
  ['?methods=custom', ['acme_customers_count']],
  ['?methods=list,count', ['acme_customers_count', 'list_all_acme_customers']],
  ['?tags=nothing', []],
])('%s leaves the others out', async (query, names) => {
  expect((await toolsAt(query)).map(({ name }) => name).sort()).toEqual(names)
})

it('reads no more than the token does', async () => {
  const reading = await stand.accountToken({ effects: ['read'], resources: ['customers'] })
  const names = (await toolsAt('', reading)).map(({ name }) => name)
  expect(names.sort()).toEqual(['acme_customers_count', 'get_single_acme_customers_by_id', 'list_all_acme_customers'])
  const { status } = await stand.call('GET', '/integrated-account/acme-2/tools', { token: reading })
  expect(status).toBe(404)
  const odd = await stand.call('GET', `${PATH}?has_description=maybe`, { token })
  expect([odd.status, odd.body.code]).toEqual([400, 'invalid_parameter'])
})

describe('a tool is called as it says', () => {
  const named = async (name: string): Promise<Tool> => {
    const tool = (await toolsAt()).find((one) => one.name === name)
    if (tool === undefined) throw new Error(`no ${name}`)
    return tool
  }

  it.each([
    ['list_all_acme_customers', { limit: 2 }, 200],
    ['get_single_acme_customers_by_id', { id: 'cus0001' }, 200],
    ['create_a_acme_customers', { email: 'new@example.com' }, 200],
    ['update_a_acme_customers_by_id', { id: 'cus0001', email: 'other@example.com' }, 200],
    ['acme_customers_count', {}, 200],
    ['get_single_acme_account_by_id', {}, 200],
    ['delete_a_acme_customers_by_id', { id: 'cus0002' }, 200],
  ])('%s', async (name, args, status) => {
    const answer = await run(await named(name), args)
    expect([answer.status, answer.body.detail]).toEqual([status, undefined])
  })
})

/** What the public TypeScript client sends: the id of a method of its own in the query, everything else as here. */
it('a client of the drop-in shape finds names, schemas and methods where it looks', async () => {
  const [tool] = await toolsAt('?methods=get&tags=')
  expect(Object.keys(tool ?? {})).toEqual(
    expect.arrayContaining(['name', 'description', 'resource', 'method', 'query_schema', 'required', 'tags']),
  )
  const one = await stand.call('GET', '/proxy/customers/cus0001?integrated_account_id=acme-1', { token })
  expect(one.body).toMatchObject({ id: 'cus0001' })
})
