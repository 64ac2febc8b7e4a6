import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { integrationOf, start } from './support.ts'

// Lists of unlike habits: asked for by POST with all in the body, or paged by addresses without a parameter that has a name.

const INTEGRATION = `onefold: 1
name: acme
label: Acme
description: Lists in two ways.
hosts: { default: { url: 'https://api.acme.test' } }
auth: { methods: { key: { type: bearer, label: Key, fields: { key: { label: Key, secret: true } }, token: $credentials.key } } }
`
const THINGS = `name: things
methods:
  search:
    effect: read
    verb: POST
    path: /things/search
    complete: true
    response: { records: found }
    pagination: { strategy: token, in: body, param: cursor, next: $response.cursor, limit: { param: limit, max: 100 } }
    parameters:
      cursor: { in: body }
      limit: { in: body, type: integer }
      query: { in: body, type: object }
  list:
    effect: read
    verb: GET
    path: /things
    complete: true
    response: { records: things }
    pagination: { strategy: next_url, next: $response.next, limit: { param: 'page[size]', max: 100 } }
    parameters: { sort: { in: query }, 'filter[kind]': { in: query }, view: { in: query }, shade: { in: query } }
  create:
    effect: write
    verb: POST
    path: /things
    parameters: { size: { in: body, type: integer }, kind: { in: body } }
`
const NAMES =
  `unauthenticated unknown_route record_not_found record_exists missing_parameter unknown_parameter invalid_parameter
  invalid_body invalid_expand idempotency_conflict rate_limited not_simulated`.split(/\s+/)
const RULES = `account: { credentials: { key: acme-key } }
answers:
  list: "$merge([{ $list.at: $list.records }, $exists($list.next) ? { 'cursor': $list.next, 'next': $list.next_url } : {}])"
errors:
${NAMES.map((name) => `  ${name}: { status: 400, body: { error: $error.param, why: { const: ${name} } } }`).join('\n')}
resources:
  things:
    record: { size: $body.size, kind: $body.kind }
    filters:
      query: { when: 'size >= $value.least', order: "$value.up ? 'oldest_first'" }
      sort: { order: "$value = 'up' ? 'oldest_first' : 'newest_first'" }
      'filter[kind]': { field: kind }
    methods: { search: {}, list: { takes: [view] }, create: {} }
`

let sandbox: RunningSandbox
beforeAll(async () => {
  const files = { 'integration.yaml': INTEGRATION, 'resources/things.yaml': THINGS, 'sandbox/rules.yaml': RULES }
  sandbox = await start(integrationOf('acme', files), false)
  for (const size of [1, 2, 3, 4]) await call('POST', '/things', { size, kind: size === 3 ? 'odd' : 'plain' })
})
afterAll(() => sandbox.close())

async function call(verb: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const headers = { authorization: 'Bearer acme-key', 'content-type': 'application/json' }
  const response = await fetch(`${sandbox.origin}${path}`, { method: verb, headers, body: JSON.stringify(body) })
  return (await response.json()) as Record<string, unknown>
}

async function sizes(answer: Promise<Record<string, unknown>>, at: string): Promise<number[]> {
  return ((await answer)[at] as { size: number }[]).map(({ size }) => size)
}

it('a search by POST filters, orders and pages by its body, and answers where the operation says', async () => {
  expect(await sizes(call('POST', '/things/search', { query: { least: 2 } }), 'found')).toEqual([4, 3, 2])
  expect(await sizes(call('POST', '/things/search', { query: { least: 2, up: true } }), 'found')).toEqual([2, 3, 4])
  const { cursor, found } = await call('POST', '/things/search', { query: { least: 0 }, limit: 3 })
  expect(found).toHaveLength(3)
  expect(await call('POST', '/things/search', { query: { least: 0 }, limit: 3, cursor })).toEqual({
    found: [expect.objectContaining({ size: 1 })],
  })
  expect(await sizes(call('GET', '/things?sort=up'), 'things')).toEqual([1, 2, 3, 4])
  expect(await sizes(call('GET', '/things?sort=down'), 'things')).toEqual([4, 3, 2, 1])
})

it('follows the addresses that it gave, with what was asked for, in names with brackets too', async () => {
  const seen: number[] = []
  let next: unknown = '/things?filter[kind]=plain&page[size]=2'
  while (typeof next === 'string') {
    const page = await call('GET', next)
    seen.push(...(page.things as { size: number }[]).map(({ size }) => size))
    next = page.next
  }
  expect(seen).toEqual([4, 2, 1])
})

it('a list takes what makes no difference to it where its rules say so, and refuses the rest', async () => {
  expect(await sizes(call('GET', '/things?view=full&filter[kind]=odd'), 'things')).toEqual([3])
  expect(await call('GET', '/things?shade=red')).toEqual({ error: 'shade', why: 'not_simulated' })
})
