import { invoke, type OperationResponse } from '../../engine/execute/send.ts'
import type { CallOptions, EngineError } from '../../engine/index.ts'
import { type Definition, invocationOf, onClock } from '../support/calls.ts'
import type { Received, Reply } from '../support/upstream.ts'
import { useDesk } from './desk.ts'

const read = { verb: 'GET', effect: 'read', description: 'Reads.' } as const
const write = { verb: 'POST', effect: 'write', description: 'Writes.' } as const
const byId = '/pays/{{ $path.id }}'

/** A made-up provider with an operation for each way of writing, reading and telling apart. */
export const PAYS: Definition = {
  failure: { message: '$response.error.message', code: '$response.error.code', request_id: '$headers.`request-id`' },
  idempotency: {
    in: 'header',
    name: 'Idempotency-Key',
    max_length: 40,
    replayed: "$headers.`idempotent-replayed` = 'true'",
  },
  retry: {
    attempts: 3,
    hints: [
      { when: "$headers.`acme-should-retry` = 'true'", retry: true },
      { when: "$headers.`acme-should-retry` = 'false'", retry: false },
    ],
  },
  errors: [
    { when: "$response.error.code = 'gone'", action: 'ignore', reason: 'Already deleted.' },
    {
      when: "$response.error.code = 'merged'",
      action: 'succeed_with',
      succeed_with: { from: 'pays.get', path: { id: '$response.error.into' } },
    },
    { when: '$response.ok = false', code: 'card_declined' },
  ],
  resources: {
    pays: {
      fields: { client_secret: { type: 'string', 'x-secret': true } },
      methods: {
        list: {
          ...read,
          path: '/pays',
          complete: true,
          response: { records: 'data' },
          pagination: { strategy: 'none' },
        },
        get: { ...read, path: byId },
        wrapped: { ...read, path: '/wrapped', response: { record: 'pay' } },
        create: { ...write, path: '/pays' },
        in_body: {
          ...write,
          path: '/pays',
          idempotency: { in: 'body', name: 'meta.key', max_length: 40, verbs: ['POST'] },
        },
        keyless: { ...write, path: '/pays', idempotency: { in: 'none' } },
        sought: {
          ...write,
          path: '/pays',
          idempotency: {
            in: 'none',
            find_existing: {
              from: 'pays.list',
              query: { reference: '$body.reference' },
              match: 'reference = $body.reference',
            },
          },
        },
        conflicting: {
          ...write,
          path: '/pays',
          idempotency: {
            in: 'header',
            name: 'Idempotency-Key',
            on_conflict: {
              when: "$response.error.code = 'key_in_use'",
              from: 'pays.get',
              path: { id: '$response.error.id' },
            },
          },
        },
        short_lived: { ...write, path: '/pays', idempotency: { in: 'header', name: 'Idempotency-Key', lifetime_s: 1 } },
        delete: { verb: 'DELETE', effect: 'write', description: 'Deletes.', path: byId },
        lossless: { ...read, path: '/big', response: { big_integers: 'string' } },
        report: { ...read, path: '/report', response: { format: 'csv' } },
        text: { ...read, path: '/text', response: { format: 'text' } },
        file: { ...read, path: '/file', response: { format: 'bytes' } },
        nothing: { ...write, path: '/nothing', response: { format: 'none' } },
        small: { ...read, path: '/small', response: { max_bytes: 1024 } },
      },
    },
  },
}

type Input = Parameters<typeof invocationOf>[2]

/** What a run came to: an answer or an error, and what the upstream got. */
export interface Ran {
  readonly response?: OperationResponse | undefined
  readonly error?: EngineError | undefined
  readonly call: ReturnType<typeof invocationOf>['call']
  readonly got: readonly Received[]
}

/** Starts an upstream for the tests of a file; the function runs an operation while it answers each attempt as given, the last reply again and again. */
export function usePays() {
  const at = useDesk(PAYS)

  return async (
    id: string,
    replies: readonly Reply[],
    input: Input = {},
    options: Partial<CallOptions> = {},
  ): Promise<Ran> => {
    const { desk, upstream } = at
    upstream.received.length = 0
    upstream.script = ({ index }) => replies[Math.min(index, replies.length - 1)] ?? {}
    const invocation = invocationOf(desk, id, input, options)
    const outcome = await onClock(desk, invoke(desk.context, invocation)).then(
      (response) => ({ response }),
      (error: EngineError) => ({ error }),
    )
    return { ...outcome, call: invocation.call, got: [...upstream.received] }
  }
}

/** A failed answer with the provider's usual body. */
export const failing = (status: number, extra: Partial<Reply> = {}): Reply => ({
  status,
  body: { error: { message: 'No.' } },
  ...extra,
})
