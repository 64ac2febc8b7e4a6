import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GOOD_KEY } from '../http/upstream.ts'
import { HAS_BROWSER, inspect, LOOKS, openBrowser, openContext } from './browser.ts'
import { type LinkDesk, openLinkDesk } from './desk.ts'

const LOGO = `data:image/svg+xml;base64,${Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="10" fill="#0b6e4f"/><path d="M14 34V14l20 20V14" fill="none" stroke="#fff" stroke-width="5" stroke-linejoin="round" stroke-linecap="round"/></svg>',
).toString('base64')}`
const BRAND = { name: 'Northwind', color: '#0b6e4f', logo: LOGO, privacy_url: 'https://northwind.example/privacy' }

describe.skipIf(!HAS_BROWSER)('every screen of Link', () => {
  let desk: LinkDesk
  let browser: Browser

  beforeAll(async () => {
    desk = await openLinkDesk({ environment: { brand: BRAND } })
    browser = await openBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await desk?.close()
  })

  describe.each(LOOKS)('$scheme, $width', (look) => {
    const name = (screen: string) => `${screen}-${look.scheme}-${look.width}`

    /** Looks at one screen after the other, and answers what is wrong with them. */
    async function walk(page: Page): Promise<string[]> {
      const found: string[] = []
      const look = async (screen: string) => found.push(...(await inspect(page, name(screen))))
      const several = await desk.link({ integrations: undefined })
      await page.goto(several.url)
      await page.getByRole('heading', { name: 'Choose what to connect' }).waitFor()
      await look('choose')
      await page.getByRole('searchbox').fill('bas')
      await look('search')
      await page.getByRole('searchbox').fill('acme')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Connect Acme Pay to Northwind' }).waitFor()
      await look('consent')
      await page.getByRole('link', { name: 'API key' }).click()
      await page.getByRole('heading', { name: 'Enter your Acme Pay details' }).waitFor()
      await look('form')
      await page.getByLabel('Region').selectOption('us')
      await page.getByRole('button', { name: 'Connect' }).click()
      await page.getByText('Enter the API key.').waitFor()
      await look('form-wrong')
      await page.getByLabel('Region').selectOption('eu')
      await page.getByLabel('API key', { exact: true }).fill('ak_test_revoked')
      await page.getByRole('button', { name: 'Connect' }).click()
      await page.getByRole('heading', { name: 'Acme Pay did not accept this' }).waitFor()
      await look('form-refused')
      let answerLate = () => undefined as unknown
      desk.provider.next = (_request, response) => {
        answerLate = () => response.writeHead(503).end()
      }
      await page.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
      await page.getByRole('button', { name: 'Connect' }).click()
      await page.getByRole('button', { name: 'Checking with Acme Pay' }).waitFor()
      await look('form-busy')
      answerLate()
      await page.getByRole('heading', { name: 'Acme Pay cannot be reached' }).waitFor()
      return found
    }

    it('has nothing that axe-core finds serious', async () => {
      const { host } = new URL(desk.stand.url)
      const { context, errors, outside } = await openContext(browser, [host], look)
      const page = await context.newPage()
      expect(await walk(page)).toEqual([])
      const one = await desk.link()
      await page.goto(one.url)
      await page.getByRole('link', { name: 'API key' }).click()
      await page.getByLabel('API key', { exact: true }).fill(GOOD_KEY)
      // The button waits for the script, and Enter with it.
      await page.locator('#submit:enabled').waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Acme Pay is connected' }).waitFor()
      expect(await inspect(page, name('done'))).toEqual([])
      const fresh = await context.newPage()
      await fresh.goto(`${desk.stand.url}/link/lnk_${'0'.repeat(32)}`)
      expect(await inspect(fresh, name('unknown'))).toEqual([])
      await fresh.goto((await desk.link()).url.replace(/.$/, '_'))
      await fresh.getByRole('heading', { name: 'This link does not work' }).waitFor()
      expect(await inspect(fresh, name('forged'))).toEqual([])
      const again = await desk.link({ integrated_account_id: 'acme-1' })
      await fresh.goto(again.url)
      await fresh.getByRole('heading', { name: 'Connect Acme Pay again' }).waitFor()
      expect(await inspect(fresh, name('again'))).toEqual([])
      expect(errors).toEqual([])
      expect(outside).toEqual([])
      await context.close()
    })
  })
})
