import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStand, type Stand } from '../../http/stand.ts'
import { NOT_INSTALLED } from '../../support/official-cli.ts'
import { type Open, openFixture, openFront } from './front.ts'
import { coming, expectedFailures, RELEASED, runSuite, type Suite } from './suites.ts'

let stand: Stand
let folder: string
const open: Open[] = []
const urls = { real: '', fixture: '' }

beforeAll(async () => {
  stand = await openStand()
  folder = mkdtempSync(join(tmpdir(), 'onefold-conformance-'))
  const token = await stand.accountToken({ effects: ['read', 'write'], expires_in: null })
  const fixture = await openFixture(stand)
  const fronts = [await openFront(stand.url, token), await openFront(fixture.url, token)]
  urls.real = `${fronts[0]?.url}/mcp`
  urls.fixture = `${fronts[1]?.url}/mcp`
  open.push(...fronts, fixture)
})
afterAll(async () => {
  for (const one of open) one.close()
  await stand.close()
  rmSync(folder, { recursive: true, force: true })
})

const TARGETS = ['real', 'fixture'] as const

async function judge(suite: Suite, target: (typeof TARGETS)[number], args: readonly string[], least: number) {
  const said = await runSuite(suite, ['--url', urls[target], ...args], folder)
  const failed = [...said].flatMap(([scenario, isPassed]) => (isPassed ? [] : [scenario]))
  expect(failed.sort()).toEqual(expectedFailures(said.keys(), target === 'fixture'))
  expect(said.size - failed.length).toBeGreaterThanOrEqual(least)
}

describe.each(TARGETS)('the %s server', (target) => {
  it('passes what the released suite asks, but for what is named', async () => {
    await judge(RELEASED, target, ['--suite', 'all'], target === 'real' ? 9 : 23)
  }, 240_000)
})

const suite = coming()

describe.each(TARGETS)('the %s server, by requirements', (target) => {
  beforeEach(({ skip }) => skip(suite === undefined, NOT_INSTALLED))

  it.each([
    ['2025-11-25', target === 'real' ? 10 : 24],
    ['2026-07-28', target === 'real' ? 14 : 37],
  ] as const)('of %s', { timeout: 240_000 }, async (revision, least) => {
    await judge(suite as Suite, target, ['--requirements', revision], least)
  })
})
