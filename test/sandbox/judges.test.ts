import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { sharedData } from '../support/shared-data.ts'
import { ROWS } from './judged-rows.ts'
import { type Ground, judge, lay, type Seen, type Thing } from './judging.ts'
import { clientOf, letPass, ownIntegration, start } from './support.ts'

/** Keys that differ from the published example, and why. */
const DIFFERENCES: Readonly<
  Record<string, { readonly missing?: readonly string[]; readonly extra?: readonly string[] }>
> = {
  // Only when expanded.
  charge: { missing: ['refunds'], extra: ['radar_options'] },
  // Of versions before 2025-03-31.
  invoice: { missing: ['subscription'] },
  // Declared by the official client, not in the example.
  'checkout.session': { extra: ['branding_settings'] },
  payment_intent: { extra: ['payment_details'] },
  product: { extra: ['tax_details'] },
  'radar.early_fraud_warning': { extra: ['payment_intent'] },
  setup_intent: { extra: ['customer_account', 'managed_payments'] },
  subscription_item: { extra: ['current_trial'] },
}

/** Made by nothing that the client can call. */
const SEED_ONLY: ReadonlySet<string> = new Set(['review'])

let sandbox: RunningSandbox
let ground: Ground
const seen = new Map<string, Seen>()

beforeAll(async () => {
  sandbox = await start(ownIntegration('stripe'), false)
  ground = await lay(clientOf(sandbox))
  await letPass(sandbox, 4 * 86_400)
}, 240_000)

afterAll(() => sandbox?.close())

describe.each(ROWS.map((row) => [row.kind, row] as const))('%s', (kind, row) => {
  it('is made, read, changed, listed to the end, refused and removed', async () => {
    const found = await judge(row, clientOf(sandbox), ground)
    seen.set(kind, found)
    const { made, read, changed, listed, refused } = found
    const ids = listed.map(({ id }) => id)
    if (made.length > 0) expect(made.map(({ object }) => object)).toEqual(made.map(() => kind))
    if (made.length > 0 && listed.length > 0) for (const { id } of made) expect(ids).toContain(id)
    expect(new Set(ids).size).toBe(ids.length)
    if (read !== undefined) expect(read).toMatchObject({ id: made[0]?.id ?? ids[0], object: kind })
    if (changed !== undefined) expect(changed).toMatchObject(shown(row.change ?? {}))
    for (const one of refused)
      expect(one, JSON.stringify(one)).toMatchObject({ statusCode: expect.any(Number), message: expect.any(String) })
  }, 60_000)

  it('has the keys of the published example', (context) => {
    const examples = JSON.parse(readFileSync(sharedData(context, 'fixtures3-2026-08-21.json'), 'utf8')) as {
      resources: Record<string, object>
    }
    const found = seen.get(kind)
    const one = found?.read ?? found?.made[0] ?? found?.listed[0] ?? (found?.verbs[0] as Thing | undefined)
    if (one === undefined) expect(SEED_ONLY.has(kind), `${kind} was not seen`).toBe(true)
    if (one === undefined) return
    const example = examples.resources[kind] ?? {}
    const keys = (thing: object): string[] => Object.keys(thing).filter((key) => key !== 'lastResponse')
    const { missing = [], extra = [] } = DIFFERENCES[kind] ?? {}
    expect(
      keys(example)
        .filter((key) => !Object.hasOwn(one, key))
        .sort(),
    ).toEqual([...missing].sort())
    expect(
      keys(one)
        .filter((key) => !Object.hasOwn(example, key))
        .sort(),
    ).toEqual([...extra].sort())
  })
})

/** What a change shows, without what is not answered as it was sent. */
function shown(change: object): object {
  const { metadata, expires_at: _, tos_acceptance: __, ...rest } = change as Thing
  return metadata === undefined || Object.values(metadata as object).includes('') ? rest : { ...rest, metadata }
}
