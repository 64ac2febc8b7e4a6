import { describe, expect, it } from 'vitest'
import type { Integration, Operation } from '../../engine/definition/catalog.ts'
import type { ErrorCode } from '../../engine/index.ts'
import { codeOfStatus, judge, retryHint } from '../../engine/resilience/index.ts'
import { compileAcme, type Definition } from '../support/calls.ts'

function compiled(extra: Partial<Definition>, method: object = {}): readonly [Integration, Operation] {
  const create = { verb: 'POST', path: '/pays', effect: 'write', description: 'Makes one.', ...method } as const
  const catalog = compileAcme({
    failure: { message: '$response.error.message', code: '$response.error.code', request_id: '$headers.`request-id`' },
    ...extra,
    resources: { pays: { methods: { create } } },
  })
  const integration = catalog.integrations.get('acme')!
  return [integration, integration.operations.get('pays.create')!]
}

const judged = (on: readonly [Integration, Operation], status: number, body: unknown = {}, headers = {}) =>
  judge(on[0], on[1], { status, headers, body }, (value) => value)

const failed = (...args: Parameters<typeof judged>) => {
  const verdict = judged(...args)
  if (verdict.kind !== 'failed') throw new Error(`the verdict is ${verdict.kind}`)
  return verdict
}

describe('answers without a rule', () => {
  it.each([
    [400, 'provider_invalid_request'],
    [401, 'needs_reauth'],
    [402, 'provider_invalid_request'],
    [403, 'provider_forbidden'],
    [404, 'record_not_found'],
    [409, 'conflict'],
    [418, 'provider_invalid_request'],
    [422, 'provider_invalid_request'],
    [429, 'rate_limited'],
    [500, 'provider_error'],
    [502, 'provider_error'],
    [501, 'unsupported_method'],
    [503, 'provider_unavailable'],
    [599, 'provider_error'],
    [302, 'provider_bad_response'],
    [304, 'provider_bad_response'],
  ] as const)('%d is %s', (status, code) => {
    expect(failed(compiled({}), status).error.code).toBe(code)
    expect(codeOfStatus(status)).toBe(code)
  })

  it.each([200, 201, 202, 204, 206])('%d is fine', (status) => {
    expect(judged(compiled({}), status)).toEqual({ kind: 'ok' })
  })

  it('a 429 means the limit, unless the definition says what does', () => {
    expect(failed(compiled({}), 429).isLimited).toBe(true)
    const own = compiled({ rate_limits: { feedback: { limited: "$http_status = 403 and $headers.`x-left` = '0'" } } })
    expect(failed(own, 429)).toMatchObject({ isLimited: false, error: { code: 'rate_limited' } })
    expect(failed(own, 403, {}, { 'x-left': '0' })).toMatchObject({ isLimited: true, error: { code: 'rate_limited' } })
    expect(failed(own, 403, {}, { 'x-left': '1' })).toMatchObject({
      isLimited: false,
      error: { code: 'provider_forbidden' },
    })
  })
})

describe('error rules', () => {
  const rules = compiled(
    {
      errors: [
        { when: "$response.error.code = 'declined'", code: 'card_declined', hint: 'Use another card.' },
        { when: '$http_status = 404', code: 'conflict' },
        { when: '$response.ok = false', code: 'provider_error' },
        { when: "$response.error.code = 'busy'", code: 'conflict', action: 'retry' },
        { when: "$response.error.code = 'slow'", action: 'rate_limited' },
        { when: "$response.error.code = 'gone'", action: 'ignore', reason: 'It is gone already.' },
        { when: "$response.error.code = 'old_token'", action: 'refresh' },
        { when: "$effect = 'write' and $operation = 'pays.create' and $http_status = 410", code: 'disputed' },
        {
          when: '$http_status = 422',
          missing_fields: '$response.error.fields',
          missing_scopes: '$response.error.scope',
        },
      ],
    },
    { errors: [{ when: '$http_status = 404', code: 'already_refunded' }] },
  )
  const error = (code: string) => ({ error: { code, message: 'No.' } })

  it('are asked in order, those of the operation first, whatever the status', () => {
    expect(failed(rules, 404, error('declined')).error.code).toBe('already_refunded')
    expect(failed(rules, 400, error('declined')).error.code).toBe('card_declined')
    expect(failed(rules, 200, { ok: false }).error.code).toBe('provider_error')
    expect(judged(rules, 200, { ok: true }).kind).toBe('ok')
    expect(failed(rules, 410).error.code).toBe('disputed')
  })

  it.each([
    ['busy', 'conflict', 'retry', false],
    ['slow', 'rate_limited', 'rate_limited', true],
    ['old_token', 'needs_reauth', 'refresh', false],
  ] as const)('the action of %s', (code, expected: ErrorCode, action, isLimited) => {
    expect(failed(rules, 400, error(code))).toMatchObject({ error: { code: expected }, rule: { action }, isLimited })
  })

  it('ignore goes on', () => {
    expect(judged(rules, 400, error('gone')).kind).toBe('ignored')
  })

  it('carry a hint and what is missing', () => {
    expect(failed(rules, 400, error('declined')).error.details.hint).toBe('Use another card.')
    const { details } = failed(rules, 422, { error: { fields: ['a', 'b'], scope: 'read_all' } }).error
    expect(details).toMatchObject({ missingFields: ['a', 'b'], missingScopes: ['read_all'] })
  })

  it('say what the provider said, cleaned', () => {
    const body = { error: { code: 'declined', message: 'Do not honour', secret: 's' } }
    const verdict = judge(...rules, { status: 402, headers: { 'request-id': 'req_9' }, body }, () => 'clean')
    expect(verdict.kind === 'failed' && verdict.error.details.provider).toEqual({
      name: 'acme',
      status: 402,
      code: 'declined',
      message: 'Do not honour',
      requestId: 'req_9',
      body: 'clean',
    })
    expect(verdict.kind === 'failed' && verdict.error.message).toBe(
      'Acme answered pays.create with status 402: Do not honour',
    )
  })

  it('work on text where the answer is no JSON', () => {
    const text = compiled({ errors: [{ when: "$contains($response, 'maintenance')", code: 'provider_unavailable' }] })
    expect(failed(text, 200, '<h1>maintenance</h1>').error.code).toBe('provider_unavailable')
  })
})

describe("the provider's own hints", () => {
  it('the first that holds decides', () => {
    const [, operation] = compiled({
      retry: {
        hints: [
          { when: "$headers.`acme-should-retry` = 'false'", retry: false },
          { when: "$headers.`acme-should-retry` = 'true'", retry: true },
          { when: '$http_status = 409', retry: true },
        ],
      },
    })
    const hint = (status: number, said?: string) =>
      retryHint(operation, { status, headers: said === undefined ? {} : { 'acme-should-retry': said }, body: {} })
    expect([hint(409, 'false'), hint(400, 'true'), hint(409), hint(500)]).toEqual([false, true, true, undefined])
  })
})
