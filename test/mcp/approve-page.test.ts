import { execFile } from 'node:child_process'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_BROWSER, inspect, LOOKS, openBrowser, openContext } from '../link/browser.ts'
import { MAIN, plainEnvironment } from '../support/served.ts'
import { type Desk, openDesk, type Refundable, refundOf } from './agents.ts'

let desk: Desk
let payments: Refundable[]
let browser: Browser | undefined
beforeAll(async () => {
  desk = await openDesk()
  payments = [...(await desk.refundable(6))]
  if (HAS_BROWSER) browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await desk.close()
})

/** A refund that an agent asked for, by its token. */
async function heldRefund(note = 'x') {
  const payment = payments.shift() as Refundable
  const { token } = await desk.agent({ effects: ['read', 'write', 'money'] })
  const { body } = refundOf(payment.id, 275)
  const path = `/unified/payment-gateway/payments/${payment.id}/refund`
  const held = await desk.api('POST', path, { ...body, note }, token)
  return { token, approval: held.body.approval }
}

describe.runIf(HAS_BROWSER || process.env.CI)('the page of an approval', () => {
  it.each(LOOKS)('a person signs in, sees what would be sent and releases it ($scheme, $width)', async (look) => {
    const { token, approval } = await heldRefund('<img src=x onerror=alert(1)> <b>approved by the owner</b>')
    const { context, errors, outside } = await openContext(browser as Browser, [new URL(desk.server.url).host], look)
    const page = await context.newPage()
    const response = await page.goto(approval.url)
    expect(response?.headers()['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(await page.content()).not.toContain('275')
    await page.fill('#token', token)
    await page.click('#open')
    await page.waitForSelector('#failure:not([hidden])')
    expect(await page.textContent('#failure-text')).toContain('may not approve')
    await page.fill('#token', await desk.approver())
    await page.click('#open')
    await page.waitForSelector('#decide:not([hidden])')
    expect(await page.textContent('#question')).toContain('refund payments of 2.75')
    expect(await page.textContent('#facts')).toContain('amount=275')
    expect(await page.textContent('#facts')).toContain('<b>approved by the owner</b>')
    expect(await page.$$('#facts img, #facts b')).toEqual([])
    expect(await inspect(page, `approve-${look.scheme}-${look.width}`)).toEqual([])
    await page.click('#release')
    await page.waitForSelector('#outcome:not(:empty)')
    expect(await page.textContent('#outcome')).toContain('released')
    expect(await context.cookies()).toEqual([])
    expect({ errors, outside }).toEqual({ errors: [], outside: [] })
    await context.close()
    const done = await desk.api('POST', `/approval/${approval.id}/confirm`, undefined, token)
    expect(done).toMatchObject({ status: 200, body: { result: { amount: 275 } } })
  })
})

it('an address that names no approval is nothing', async () => {
  for (const id of ['x', '..%2f..%2fapproval', `apr_${'0'.repeat(31)}g`]) {
    expect((await fetch(`${desk.server.url}/approve/${id}`)).status).toBe(404)
  }
})

it('the command line lists, releases and refuses', async () => {
  const first = await heldRefund()
  const second = await heldRefund('y')
  const token = await desk.approver()
  const run = (...args: string[]) => command({ ONEFOLD_TOKEN: token }, ...args, '--url', desk.server.url)
  expect((await run('list')).stdout).toContain(`${first.approval.id}  pending  refund payments of 2.75`)
  expect((await run('release', first.approval.id)).stdout).toContain('released')
  const refused = await run('refuse', second.approval.id, '--note', 'no', '--json')
  expect(JSON.parse(refused.stdout)).toMatchObject({ state: 'refused', note: 'no' })
  const late = await run('release', second.approval.id)
  expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining('approval_over') })
  expect(await command({}, 'list')).toMatchObject({ code: 1, stderr: expect.stringContaining('ONEFOLD_TOKEN') })
})

/** Runs `onefold approvals`; the server under test runs in this process, so nothing waits. */
function command(env: Record<string, string>, ...args: string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { env: plainEnvironment(env) }
    execFile(process.execPath, [MAIN, 'approvals', ...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}
