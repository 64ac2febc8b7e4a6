import { afterEach, describe, expect, it } from 'vitest'
import type { IsolatedCell, IsolatedResult, Log } from '../../engine/index.ts'
import { SYSTEM_CLOCK } from '../../server/clock.ts'
import { createIsolate, type IsolateLimits, type RunningIsolate } from '../../server/isolate/index.ts'
import { corpus, RECORD } from '../expression/corpus.ts'
import { codeOf, outcomeOf } from '../expression/support.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const LOOP = '( $f := function($s) { $contains($s, /^(a|a)*$/) ? 1 : 2 }; $f(text) )'
const HOSTILE_RECORD = { text: `${'a'.repeat(60)}!` }

const running: RunningIsolate[] = []
const logged: unknown[] = []
const note = (fields: object): void => void logged.push(fields)
const log: Log = { debug: note, info: note, warn: note, error: note }

function isolateOf(limits: Partial<IsolateLimits> = {}, clock = new VirtualClock()) {
  const isolate = createIsolate({ clock, log, limits })
  running.push(isolate)
  return { isolate, clock }
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((isolate) => isolate.close()))
  logged.length = 0
})

const cell = (
  source: string,
  record: unknown = {},
  variables: Readonly<Record<string, unknown>> = {},
): IsolatedCell => ({
  source,
  scope: Object.keys(variables),
  record,
  variables,
})

const shown = (result: IsolatedResult | undefined): unknown =>
  result === undefined ? 'nothing' : 'error' in result ? { code: codeOf(result.error) } : result

/** Lets a batch begin, then lets its time pass. */
async function outOfTime<T>(clock: VirtualClock, work: Promise<T>, ms = 1000): Promise<T> {
  const ended = { is: false }
  const end = (): void => {
    ended.is = true
  }
  work.then(end, end)
  while (!ended.is) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (clock.sleeping === 0) continue
    await new Promise((resolve) => setTimeout(resolve, 500))
    await clock.advance(ms)
  }
  return work
}

describe('results', () => {
  it('are those of this process, over a sample of the corpus', async () => {
    const { isolate } = isolateOf()
    const sources = [...new Set(corpus().flatMap((one) => one.sources))].filter((_, at) => at % 9 === 0)
    const cells = sources.map((source) => cell(source, RECORD))
    const results = await isolate.evaluate('ten_1', cells)
    const expected = sources.map((source) => {
      try {
        return { source, is: outcomeOf(source, RECORD) }
      } catch {
        return { source, is: { code: 'expression_failed' } }
      }
    })
    expect(sources.map((source, at) => ({ source, is: shown(results[at]) }))).toEqual(expected)
    expect(results.filter((result) => 'value' in result).length).toBeGreaterThan(200)
  }, 120_000)

  it('carry messages, hints and causes, and keep no value from null apart', async () => {
    const { isolate } = isolateOf()
    const record = { id: 'x', amount: null, rates: 2 }
    const results = await isolate.evaluate('ten_1', [
      cell('id & (amount * rate)', record),
      cell('missing', record),
      cell('amount', record),
      cell('$v.a + $w', record, { v: { a: 1 }, w: 2 }),
      cell('{ "__proto__": { "a": 1 } }', record),
    ])
    const [first, ...others] = results
    expect(first).toMatchObject({
      error: {
        code: 'expression_failed',
        message: expect.stringContaining('`amount` is null'),
        details: { cause: { code: 'T2001', offset: 14, source: 'id & (amount * rate)' } },
      },
    })
    expect(others.slice(0, 3)).toEqual([{ value: undefined }, { value: null }, { value: 3 }])
    const odd = (others[3] as { value: object }).value
    expect(Object.keys(odd)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(odd)).toBe(Object.prototype)
  })
})

describe('hostile expressions', () => {
  it('that never end are stopped, alone, and the others of the batch have their results', async () => {
    const { isolate, clock } = isolateOf()
    const cells = [cell('1 + 1'), cell(LOOP, HOSTILE_RECORD), cell('2 + 2'), cell(LOOP, HOSTILE_RECORD), cell('3 + 3')]
    const results = await outOfTime(clock, isolate.evaluate('ten_1', cells))
    expect(results.map(shown)).toEqual([
      { value: 2 },
      { code: 'expression_limit' },
      { value: 4 },
      { code: 'expression_limit' },
      { value: 6 },
    ])
    expect((results[1] as { error: Error }).error.message).toContain('took longer than 1000 ms')
    expect(logged).toEqual([1, 1].map((count) => ({ owner: 'ten_1', reason: 'time', cells: count })))
    expect(await isolate.evaluate('ten_1', [cell('4 + 4')])).toEqual([{ value: 8 }])
  }, 60_000)

  it('end a batch when too many of them are in it', async () => {
    const { isolate, clock } = isolateOf({ stops: 2 })
    const cells = [...[1, 2, 3].map(() => cell(LOOP, HOSTILE_RECORD)), cell('1')]
    const results = await outOfTime(clock, isolate.evaluate('ten_1', cells))
    expect(results.map(shown)).toEqual(cells.map(() => ({ code: 'expression_limit' })))
    expect(logged).toHaveLength(2)
  }, 60_000)

  it('that want too much memory end their thread only', async () => {
    const { isolate } = isolateOf({ heapMb: 24 })
    const source =
      '( $odd := /(a+)+$/; $x := [1..90000]; $map([1..400], function($v) { $map($x, function($w) { $w + 0.5 }) }) )'
    const results = await isolate.evaluate('ten_1', [cell('1 + 1'), cell(source), cell('2 + 2')])
    expect(results.map(shown)).toEqual([
      { value: 2 },
      { code: expect.stringMatching(/^expression_limit$|D/) },
      { value: 4 },
    ])
    expect(await isolate.evaluate('ten_1', [cell('4 + 4')])).toEqual([{ value: 8 }])
  }, 60_000)

  it('do not hold up other tenants', async () => {
    const { isolate, clock } = isolateOf()
    const bad = [1, 2, 3].map(() => isolate.evaluate('ten_bad', [cell(LOOP, HOSTILE_RECORD)]))
    for (let batch = 0; batch < 5; batch++) {
      expect(await isolate.evaluate('ten_good', [cell(`1 + ${batch}`)])).toEqual([{ value: 1 + batch }])
    }
    const results = await Promise.all(bad.map((one) => outOfTime(clock, one)))
    expect(results.map(([result]) => shown(result))).toEqual(bad.map(() => ({ code: 'expression_limit' })))
  }, 60_000)

  it('find nothing of the process, and leave nothing behind', async () => {
    process.env.ONEFOLD_TEST_SECRET = 's3cret'
    const { isolate } = isolateOf({ size: 1 })
    const names = [
      'process',
      'process.env.ONEFOLD_TEST_SECRET',
      'globalThis',
      'constructor',
      'a.constructor',
      'a.`__proto__`',
    ]
    const inside = await isolate.evaluate('ten_1', [
      ...names.map((name) => cell(name, { a: {} })),
      cell('{ "__proto__": { "polluted": 1 } } ~> |$|{ "constructor": { "prototype": { "polluted": 1 } } }|'),
    ])
    expect(inside.slice(0, -1)).toEqual(names.map(() => ({ value: undefined })))
    expect(await isolate.evaluate('ten_2', [cell('[polluted, a.polluted]', { a: {} })])).toEqual([{ value: [] }])
    delete process.env.ONEFOLD_TEST_SECRET
  })
})

describe('limits of the isolate', () => {
  it('too many waiting batches are refused with a code', async () => {
    const { isolate, clock } = isolateOf({ size: 1, waiting: 2, waitingOfOwner: 1 })
    const first = isolate.evaluate('ten_1', [cell(LOOP, HOSTILE_RECORD)])
    const second = isolate.evaluate('ten_1', [cell('1')])
    await expect(isolate.evaluate('ten_1', [cell('1')])).rejects.toMatchObject({ code: 'overloaded' })
    const third = isolate.evaluate('ten_2', [cell('1')])
    await expect(isolate.evaluate('ten_3', [cell('1')])).rejects.toMatchObject({ code: 'overloaded' })
    await outOfTime(clock, Promise.all([first, second, third]))
    expect(await Promise.all([second, third])).toEqual([[{ value: 1 }], [{ value: 1 }]])
  }, 60_000)

  it('a batch larger than a message is refused', async () => {
    const { isolate } = isolateOf()
    const record = { text: 'x'.repeat(34_000_000) }
    await expect(isolate.evaluate('ten_1', [cell('1', record)])).rejects.toMatchObject({ code: 'expression_limit' })
  })

  it('threads are replaced after some batches', async () => {
    const { isolate } = isolateOf({ size: 1, batches: 2 })
    for (let batch = 0; batch < 5; batch++) {
      expect(await isolate.evaluate('ten_1', [cell(`${batch} + 1`)])).toEqual([{ value: batch + 1 }])
    }
  })

  it('a closed isolate takes nothing and ends what runs', async () => {
    const { isolate, clock } = isolateOf({ size: 1 })
    const first = isolate.evaluate('ten_1', [cell(LOOP, HOSTILE_RECORD)])
    const second = isolate.evaluate('ten_1', [cell('1')])
    const ends = Promise.allSettled([first, second])
    while (clock.sleeping === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    await isolate.close()
    expect((await ends).map((end) => end.status === 'rejected' && end.reason.code)).toEqual([
      'overloaded',
      'overloaded',
    ])
    await expect(isolate.evaluate('ten_1', [cell('1')])).rejects.toMatchObject({ code: 'overloaded' })
  }, 60_000)

  it('no cells need no thread', async () => {
    const { isolate } = isolateOf({}, SYSTEM_CLOCK as VirtualClock)
    expect(await isolate.evaluate('ten_1', [])).toEqual([])
  })
})
