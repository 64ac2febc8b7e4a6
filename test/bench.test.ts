import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Figure } from '../bench/harness/bench.ts'
import { exitCode, toJson, toLine } from '../bench/harness/report.ts'
import { judge, measure, type Outcome } from '../bench/harness/rounds.ts'
import { estimate, median, pair, percentile, seeded } from '../bench/harness/statistics.ts'
import { ownDelay } from '../bench/harness/usage.ts'
import { PAGE, Pages } from '../bench/upstream/pages.ts'
import { ROOT } from './support/house.ts'

const RUN = join(ROOT, 'dist/bench/run.js')
const numbers = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 })

describe('statistics', () => {
  it('the median is the middle, or between the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(() => median([])).toThrow(RangeError)
  })

  it('a percentile is the value of the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect([0, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 50, 99, 100])
    expect(percentile([7], 0.99)).toBe(7)
    expect(() => percentile([], 0.5)).toThrow(RangeError)
  })

  it('half of the values lie on each side of the median', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const middle = median(values)
        expect(values.filter((value) => value <= middle).length).toBeGreaterThanOrEqual(values.length / 2)
        expect(values.filter((value) => value >= middle).length).toBeGreaterThanOrEqual(values.length / 2)
      }),
    )
  })

  it('an interval holds its value, lies within the rounds and is the same in every run', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const { value, low, high } = estimate(values)
        expect(low).toBeLessThanOrEqual(value)
        expect(high).toBeGreaterThanOrEqual(value)
        expect(low).toBeGreaterThanOrEqual(Math.min(...values))
        expect(high).toBeLessThanOrEqual(Math.max(...values))
        expect(estimate(values)).toEqual({ value, low, high })
      }),
      { numRuns: 20 },
    )
  })

  it('the interval finds the true median of noisy rounds in at least 90% of experiments', () => {
    const random = seeded(7)
    const experiments = Array.from({ length: 200 }, () => {
      const { low, high } = estimate(Array.from({ length: 15 }, () => 1 + (random() - 0.5) * 0.8))
      return low <= 1 && 1 <= high
    })
    expect(experiments.filter(Boolean).length).toBeGreaterThanOrEqual(180)
  })

  it('rounds are paired: a machine that slows both sides down changes no ratio', () => {
    const drift = [1, 2, 5, 10]
    const [subject, floor] = [drift.map((slow) => 3 * slow), drift.map((slow) => 2 * slow)]
    expect(pair('ratio', subject, floor)).toEqual([1.5, 1.5, 1.5, 1.5])
    expect(pair('difference', [3, 5], [1, 1])).toEqual([2, 4])
    expect(pair('value', [3, 5], [])).toEqual([3, 5])
    expect(() => pair('ratio', [1, 2], [1])).toThrow(RangeError)
  })

  it('seeded numbers lie in [0, 1) and differ by seed', () => {
    const draw = (seed: number) => Array.from({ length: 1000 }, seeded(seed))
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    expect(draw(3).every((value) => value >= 0 && value < 1)).toBe(true)
    expect(median(draw(4))).toBeCloseTo(0.5, 1)
  })

  it('garbage collection is taken off a hold-up, as far as it lies within', () => {
    const pauses = [
      { from: 0, to: 12 },
      { from: 15, to: 16 },
      { from: 40, to: 50 },
    ]
    expect(ownDelay({ from: 10, to: 30, cpuMs: 25 }, pauses)).toBe(17)
  })

  it('time in which others had the core is no hold-up of its own', () => {
    expect(ownDelay({ from: 10, to: 30, cpuMs: 4 }, [])).toBe(4)
  })
})

const figure: Figure = { key: 'cpu', name: 'a hop', kind: 'ratio', unit: 'ms', most: 1.4 }
const judged = (ratios: readonly number[], more: Partial<Figure> = {}): Outcome =>
  judge(
    'hop',
    { ...figure, ...more },
    ratios.map((cpu) => ({ cpu })),
    ratios.map(() => ({ cpu: 1 })),
  )

describe('goals', () => {
  it('are met, also where only the interval reaches them', () => {
    expect(judged([1.2, 1.3, 1.2]).verdict).toBe('met')
    expect(judged([1.3, 1.5, 1.6]).verdict).toBe('met')
  })

  it('are missed where the whole interval misses them, and fail the run', () => {
    const missed = judged([2, 2.1, 2.2])
    expect(missed.verdict).toBe('missed')
    expect(exitCode([judged([1]), missed])).toBe(1)
    expect(exitCode([judged([1])])).toBe(0)
  })

  it('that are due later are told and do not fail the run', () => {
    const later = judged([2, 2, 2], { dueWith: 'the second floor' })
    expect(later.verdict).toBe('due later')
    expect(exitCode([later])).toBe(0)
    expect(toLine(later)).toBe(
      'a hop: 2.00x (<= 1.4x) | 95% 2.00 to 2.00 | 2.00 ms beside 1.00 ms | due later, with the second floor',
    )
    expect(judged([1], { dueWith: 'the second floor' }).verdict).toBe('met')
  })

  it('are told as data too', () => {
    expect(JSON.parse(toJson([judged([2])], 1)).figures).toEqual([
      {
        bench: 'hop',
        name: 'a hop',
        kind: 'ratio',
        value: 2,
        goal: 1.4,
        interval_95: [2, 2],
        subject: 2,
        floor: 1,
        unit: 'ms',
        verdict: 'missed',
        note: '',
      },
    ])
  })

  it('need a measure of every round', () => {
    expect(() => judge('hop', figure, [{ other: 1 }], [{ cpu: 1 }])).toThrow(/did not measure 'cpu'/)
    expect(() => judge('hop', figure, [{ cpu: 1 }], [{ cpu: Number.NaN }])).toThrow(/did not measure 'cpu'/)
  })
})

describe('rounds', () => {
  const effort = { rounds: 2, roundMs: 5, progress: () => undefined }
  const bench = (order: string[], isWarmed: boolean, fails = false) => ({
    name: 'hop',
    isWarmed,
    figures: [figure],
    open: async () => ({
      note: '5 KB',
      subject: ({ roundMs }: { roundMs: number }) => {
        order.push(`A${roundMs}`)
        return fails ? Promise.reject(new Error('it broke')) : Promise.resolve({ cpu: 3, pauses: 0.5 })
      },
      floor: ({ roundMs }: { roundMs: number }) => {
        order.push(`B${roundMs}`)
        return Promise.resolve({ cpu: 2, pauses: 0.25 })
      },
      close: async () => void order.push('closed'),
    }),
  })

  it('take turns, after a longer one that does not count', async () => {
    const order: string[] = []
    const [outcome] = await measure(bench(order, true), effort)
    expect(order).toEqual(['A20', 'B20', 'A5', 'B5', 'A5', 'B5', 'closed'])
    expect(outcome).toMatchObject({ value: 1.5, subject: 3, floor: 2, verdict: 'missed' })
    expect(outcome?.note).toBe('5 KB, pauses 0.50 ms beside 0.25 ms')
  })

  it('close what they opened when a side fails', async () => {
    const order: string[] = []
    await expect(measure(bench(order, false, true), effort)).rejects.toThrow('it broke')
    expect(order).toEqual(['A5', 'closed'])
  })
})

describe('the upstream', () => {
  const pages = new Pages()
  const read = (target: string) => JSON.parse(pages.answer(target).toString())
  const idsOf = (list: { data: { id: string }[] }) => list.data.map(({ id }) => id)

  it.each(['payment_intents', 'charges', 'customers'])('pages through %s without repeating a record', (name) => {
    const [first, second] = [read(`/v1/${name}?limit=100`), read(`/v1/${name}?limit=100&starting_after=x`)]
    expect([first.has_more, second.has_more]).toEqual([true, false])
    expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(2 * PAGE)
    const times = [...first.data, ...second.data].map(({ created }: { created: number }) => created)
    expect(times).toEqual([...times].sort((a, b) => b - a))
  })

  it('answers one record, the account, and an empty list for what it does not know', () => {
    expect(read('/v1/payment_intents/any').object).toBe('payment_intent')
    expect(read('/v1/account').object).toBe('account')
    expect(read('/v1/disputes?charge=x')).toEqual({ object: 'list', data: [], has_more: false })
  })
})

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const run = (...args: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [RUN, ...args], { cwd: ROOT }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    )
  })

describe('the built benches', () => {
  it('are built', () => {
    expect(existsSync(RUN), 'run `npm run build` first').toBe(true)
  })

  it.each(['mapping-invoice', 'event-loop', 'unified-served', 'proxy-drop-in', 'start-up'])(
    '%s runs one tiny round on real processes',
    async (name) => {
      const { code, stdout, stderr } = await run('--only', name, '--rounds', '1', '--round-ms', '1', '--json')
      expect(stderr).toContain(`${name}: round 1 of 1`)
      const { figures, rounds } = JSON.parse(stdout)
      expect(rounds).toBe(1)
      expect(figures.length).toBeGreaterThan(0)
      for (const { bench, subject, floor } of figures) {
        expect(bench).toBe(name)
        expect(subject).toBeGreaterThanOrEqual(0)
        expect(floor).toBeGreaterThanOrEqual(0)
      }
      const hasMissed = figures.some(({ verdict }: { verdict: string }) => verdict === 'missed')
      expect(code).toBe(hasMissed ? 1 : 0)
    },
    120_000,
  )

  it.each([
    [['--only', 'nothing'], "there is no bench 'nothing'"],
    [['--rounds', '0'], "--rounds wants a whole number from 1, not '0'"],
    [['--fast'], "Unknown option '--fast'"],
  ])('%j ends with 2 and says why', async (args, why) => {
    const { code, stdout, stderr } = await run(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(why)
  })
})
