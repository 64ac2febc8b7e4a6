import { afterEach, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { integrationOf, start } from './support.ts'

// Lists that are asked for by POST: their filters, their order and their paging stand in the body.

const INTEGRATION = `onefold: 1
name: acme
label: Acme
description: Searches by POST.
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
    pagination: { strategy: none }
    parameters: { sort: { in: query } }
  create: { effect: write, verb: POST, path: /things, parameters: { size: { in: body, type: integer } } }
`
const ERROR = '{ status: 400, body: { error: $error.param } }'
const NAMES =
  `unauthenticated unknown_route record_not_found record_exists missing_parameter unknown_parameter invalid_parameter
  invalid_body invalid_expand idempotency_conflict rate_limited not_simulated`.split(/\s+/)
const RULES = `account: { credentials: { key: acme-key } }
answers: { list: "$merge([{ $list.at: $list.records }, $exists($list.next) ? { 'cursor': $list.next } : {}])" }
errors:
${NAMES.map((name) => `  ${name}: ${ERROR}`).join('\n')}
resources:
  things:
    record: { size: $body.size }
    filters:
      query: { when: 'size >= $value.least', order: "$value.up ? 'oldest_first'" }
      sort: { order: "$value = 'up' ? 'oldest_first' : 'newest_first'" }
    methods: { search: {}, list: {}, create: {} }
`

let sandbox: RunningSandbox | undefined
afterEach(() => sandbox?.close())

async function call(verb: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const headers = { authorization: 'Bearer acme-key', 'content-type': 'application/json' }
  const response = await fetch(`${sandbox?.origin}${path}`, { method: verb, headers, body: JSON.stringify(body) })
  return (await response.json()) as Record<string, unknown>
}

async function sizes(answer: Promise<Record<string, unknown>>, at: string): Promise<number[]> {
  return ((await answer)[at] as { size: number }[]).map(({ size }) => size)
}

describe('a search by POST', () => {
  it('filters, orders and pages by its body, and answers where the operation says', async () => {
    const files = { 'integration.yaml': INTEGRATION, 'resources/things.yaml': THINGS, 'sandbox/rules.yaml': RULES }
    sandbox = await start(integrationOf('acme', files), false)
    for (const size of [1, 2, 3, 4]) await call('POST', '/things', { size })
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
})
