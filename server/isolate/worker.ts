import { parentPort, workerData } from 'node:worker_threads'
import { compileExpression, EngineError, evaluateAll, forbidGeneratedCode } from '../../engine/index.ts'
import { type BatchMessage, BEGUN, type CellMessage, MOST_CHARACTERS } from './wire.ts'

// The inside of the isolate: gets batches as text, answers with text, and tells in shared memory which cell it is at.

forbidGeneratedCode()
for (const { prototype } of [Object, Array, Function, String, Number, RegExp, Map, Set, Promise, Error]) {
  Object.preventExtensions(prototype)
}

const progress = new Int32Array(workerData as SharedArrayBuffer)

parentPort?.on('message', (text: string) => {
  const { values, records, cells } = JSON.parse(text) as BatchMessage
  const whole = records.map((record) => (typeof record === 'number' ? values[record] : membersAt(record, values)))
  parentPort?.postMessage(BEGUN)
  let size = 0
  const written = cells.map(([source, scope, record, given], at) => {
    Atomics.store(progress, 0, at)
    const result = textOf(evaluate(source, scope, whole[record], membersAt(given, values)), source)
    size += result.length + 1
    return size <= MOST_CHARACTERS ? result : textOf(tooMuch(source), source)
  })
  parentPort?.postMessage(`[${written.join(',')}]`)
})
parentPort?.postMessage('ready')

const membersAt = (places: Readonly<Record<string, number>>, values: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(places).map(([name, place]) => [name, values[place]]))

function evaluate(
  source: string,
  scope: readonly string[],
  record: unknown,
  variables: Readonly<Record<string, unknown>>,
): CellMessage {
  const compiled = compileExpression(source, scope)
  if ('problems' in compiled) return failed('expression_failed', `\`${source}\`: ${compiled.problems[0]?.message}`)
  const [result] = evaluateAll([{ expression: compiled.expression, record, variables }])
  if (result === undefined) return {}
  if ('value' in result) return result.value === undefined ? {} : { value: result.value }
  const { code, message, details } = result.error
  return { error: { code, message, hint: details.hint, cause: details.cause } }
}

function textOf(message: CellMessage, source: string): string {
  try {
    return JSON.stringify(message)
  } catch (error) {
    if (error instanceof EngineError || error instanceof RangeError) return JSON.stringify(tooMuch(source))
    throw error
  }
}

const tooMuch = (source: string): CellMessage =>
  failed('expression_limit', `\`${source.slice(0, 120)}\` and those before it give more than one page may hold`)

const failed = (code: string, message: string): CellMessage => ({ error: { code, message } })
