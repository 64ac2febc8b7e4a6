import type { WriteWay } from '../definition/catalog.ts'
import { EngineError, type ErrorCode } from '../errors.ts'
import type { Variables } from '../expression/index.ts'
import { isTrue } from '../mapping/index.ts'
import type { OperationInput } from '../types.ts'
import { keyPlace } from './idempotency.ts'
import type { Found, Session } from './session.ts'
import { inputOf } from './write-input.ts'

/** An operation that a write made, and what it answered. */
export interface Made {
  readonly way: WriteWay
  readonly input: OperationInput
  readonly found: Found
}

/**
 * Makes the follow-ups of a write whose first operation succeeded, each with `$answer`, the record answered last; gives
 * those that were made, in order. Throws EngineError: what failed, as partly_done unless the same call can be made again.
 */
export async function followUp(
  session: Session,
  followUps: readonly WriteWay[],
  first: Made,
  body: unknown,
  variables: Variables,
): Promise<readonly Made[]> {
  const made: Made[] = []
  for (const way of followUps) {
    const { found } = made.at(-1) ?? first
    try {
      const known = { ...variables, answer: found.native ?? null }
      const operation = session.operation(way.operation)
      const input = await session.settled(() =>
        way.when === undefined || isTrue(way.when.evaluate(body, known))
          ? inputOf(way, body, { ...known, money_form: operation.money })
          : undefined,
      )
      if (input === undefined) continue
      const response = await session.invoke(operation, input)
      made.push({ way, input, found: { native: response.record, operation, response } })
    } catch (thrown) {
      if (!(thrown instanceof EngineError)) throw thrown
      throw await partly(session, way, [first, ...made], thrown)
    }
  }
  return made
}

/** The failure of a follow-up. It says what was made before, so that nobody takes the whole for undone. */
async function partly(
  session: Session,
  way: WriteWay,
  made: readonly Made[],
  cause: EngineError,
): Promise<EngineError> {
  const names = await namesOf(session, made).catch((): string[] => [])
  const operations = [...made.map(({ found }) => found.operation), session.operation(way.operation)]
  const goesOn = cause.retryable && operations.every((operation) => keyPlace(operation) !== undefined)
  const code: ErrorCode = goesOn || cause.code === 'outcome_unknown' ? cause.code : 'partly_done'
  const done = made.map(({ found }, at) => `${found.operation.id}${names[at] ?? ''}`).join(', ')
  const next = goesOn
    ? 'Make the same call again with the same idempotency key: it goes on from there.'
    : 'Finish or undo it at the provider before the call is made again.'
  return new EngineError(code, `${cause.message} (${way.operation}); made before it and standing: ${done}`, {
    ...cause.details,
    hint: [cause.details.hint, next].filter((text) => text !== undefined).join(' '),
    sent: true,
    cause,
  })
}

const namesOf = async (session: Session, made: readonly Made[]): Promise<string[]> =>
  session.settled(() => made.map(({ found }) => nameOf(session, found)))

function nameOf(session: Session, { operation, native }: Found): string {
  const id = session.nativeResource(operation)?.id.evaluate(native, {})
  return typeof id === 'string' || typeof id === 'number' ? ` ${id}` : ''
}
