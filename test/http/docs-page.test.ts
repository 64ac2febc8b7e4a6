import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../support/house.ts'
import { openStand, type Stand } from './stand.ts'

const CHROMIUM = '/usr/bin/chromium'
const ARTIFACTS = join(ROOT, 'test/.artifacts')
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync']

/** A real browser on the reference page; what is asked of any other origin is refused and told. */
async function openPage(browser: Browser, url: string) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } })
  const outside: string[] = []
  const errors: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.route('**', (route) => {
    const target = route.request().url()
    if (target.startsWith(url) || target.startsWith('data:')) return route.continue()
    outside.push(target)
    return route.abort()
  })
  return { page, outside, errors }
}

describe.skipIf(!existsSync(CHROMIUM))('the reference page in a browser', () => {
  let stand: Stand
  let browser: Browser

  beforeAll(async () => {
    stand = await openStand()
    browser = await chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...QUIET] })
  })

  afterAll(async () => {
    await browser?.close()
    await stand?.close()
  })

  it('lists the operations, opens one, and asks nothing of the outside', async () => {
    const { page, outside, errors } = await openPage(browser, stand.url)
    await page.goto(`${stand.url}/docs`)
    await page.locator('.opblock-tag', { hasText: 'payment-gateway' }).click()
    const path = page.locator('[data-path="/unified/payment-gateway/customers/{id}"]').first()
    const operation = page.locator('.opblock').filter({ has: path }).first()
    await operation.locator('.opblock-summary-control').click()
    await operation.locator('.opblock-body').waitFor()
    expect(await operation.innerText()).toContain('integrated_account_id')
    mkdirSync(ARTIFACTS, { recursive: true })
    await page.screenshot({ path: join(ARTIFACTS, 'docs-page.png') })
    expect(outside).toEqual([])
    expect(errors).toEqual([])
  })
})
