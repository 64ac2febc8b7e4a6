import { expect, it } from 'vitest'
import { integrationOf, start } from './support.ts'

// Lists whose answer holds the address of the next page: the provider names no parameter, so the sandbox takes its own.

const INTEGRATION = `onefold: 1
name: acme
label: Acme
description: Pages by addresses.
hosts: { default: { url: 'https://api.acme.test' } }
auth: { methods: { key: { type: bearer, label: Key, fields: { key: { label: Key, secret: true } }, token: $credentials.key } } }
`
const THINGS = `name: things
methods:
  list:
    effect: read
    verb: GET
    path: /things
    complete: true
    response: { records: things }
    pagination: { strategy: next_url, next: $response.next, limit: { param: limit, max: 100 } }
    parameters: { size: { in: query, type: integer } }
  create: { effect: write, verb: POST, path: /things, parameters: { size: { in: body, type: integer }, at: { in: body, type: integer } } }
`
const NAMES =
  `unauthenticated unknown_route record_not_found record_exists missing_parameter unknown_parameter invalid_parameter
  invalid_body invalid_expand idempotency_conflict rate_limited not_simulated`.split(/\s+/)
const RULES = `account: { credentials: { key: acme-key } }
answers: { list: { things: $list.records, next: $list.next_url } }
errors:
${NAMES.map((name) => `  ${name}: { status: 400, body: { error: $error.param } }`).join('\n')}
resources:
  things:
    record: { size: $body.size, at: $body.at }
    methods: { list: {}, create: {} }
`

it('follows the addresses that it gave, with what was asked for', async () => {
  const files = { 'integration.yaml': INTEGRATION, 'resources/things.yaml': THINGS, 'sandbox/rules.yaml': RULES }
  const sandbox = await start(integrationOf('acme', files), false)
  const headers = { authorization: 'Bearer acme-key', 'content-type': 'application/json' }
  try {
    for (const at of [1, 2, 3, 4, 5]) {
      const body = JSON.stringify({ size: at === 3 ? 9 : 1, at })
      await fetch(`${sandbox.origin}/things`, { method: 'POST', headers, body })
    }
    const seen: number[] = []
    let next: string | undefined = '/things?size=1&limit=3'
    while (next !== undefined) {
      const response = await fetch(`${sandbox.origin}${next}`, { headers })
      expect(response.status).toBe(200)
      const page = (await response.json()) as { things: { at: number }[]; next?: string }
      seen.push(...page.things.map(({ at }) => at))
      next = page.next
    }
    expect(seen).toEqual([5, 4, 2, 1])
  } finally {
    await sandbox.close()
  }
})
