import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import Stripe from 'stripe'
import { afterEach, describe, expect, it } from 'vitest'
import { MAIN, plainEnvironment } from '../support/served.ts'

const run = promisify(execFile)
const options = { cwd: tmpdir(), env: plainEnvironment() }

let child: ChildProcess | undefined
afterEach(() => {
  child?.kill('SIGKILL')
  child = undefined
})

/** Starts the built command line and waits for all that it prints. */
async function served(...args: string[]): Promise<{ printed: string; origin: string }> {
  const started = spawn(process.execPath, [MAIN, 'sandbox', ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  child = started
  let [printed, complaints] = ['', '']
  started.stderr?.on('data', (chunk) => {
    complaints += chunk
  })
  await new Promise<void>((resolve, reject) => {
    started.once('exit', (code) => reject(new Error(`ended with ${code}: ${complaints}`)))
    started.stdout?.on('data', (chunk) => {
      printed += chunk
      if (printed.includes('/_sandbox/webhooks')) resolve()
    })
  })
  return { printed, origin: /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? '' }
}

const refusal = (...args: string[]): Promise<{ code: number; stderr: string }> =>
  run(process.execPath, [MAIN, 'sandbox', ...args], options).then(
    () => ({ code: 0, stderr: '' }),
    (failed: { code: number; stderr: string }) => failed,
  )

describe('onefold sandbox', () => {
  it('serves a provider alone, says how to reach and steer it, and ends on SIGTERM', async () => {
    const { printed, origin } = await served('stripe', '--port', '0', '--empty', '--now', '2027-01-31T00:00:00Z')
    const key = /secret_key +(\S+)/.exec(printed)?.[1] ?? ''
    const { hostname, port } = new URL(origin)
    const stripe = new Stripe(key, { host: hostname, port: Number(port), protocol: 'http' })
    const { created } = await stripe.customers.create({ name: 'Ada' })
    expect(Math.abs(created - Date.parse('2027-01-31T00:00:00Z') / 1000)).toBeLessThan(600)
    const [shown = ''] = /Authorization: [^"]+/i.exec(printed) ?? []
    const authorization = shown.slice(shown.indexOf(':') + 2)
    const answer = await fetch(`${origin}/_sandbox`, { headers: { authorization } })
    expect(await answer.json()).toMatchObject({ clock: {}, faults: {}, limits: {}, webhooks: {} })
    const ended = once(child as ChildProcess, 'exit')
    child?.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })

  it.each([
    [['acme'], 'There is no integration acme'],
    [['stripe', '--port', '0', '--empty', '--fault', '{}'], 'The sandbox does not take {}'],
    [['stripe', '--port', 'x'], 'It is a number from 0 to 65535.'],
    [['stripe', '--now', 'soon'], 'For example 2027-01-31T00:00:00Z.'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await refusal(...args)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) })
  })
})
