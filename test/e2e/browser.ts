import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilderSource from 'axe-core'
import { type Browser, chromium as engine, type Page } from 'playwright-core'
import { chromium } from '../parts.ts'

const screenshots = join(import.meta.dirname, '../screenshots')

/** A real Chromium that contacts nobody by itself. */
export function launch(): Promise<Browser> {
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  return engine.launch({ executablePath: chromium(), args: process.getuid?.() === 0 ? ['--no-sandbox', ...quiet] : quiet })
}

/** Signs in by the link and collects what the page complains about. */
export async function open(browser: Browser, dashboard: string, complaints: string[], colorScheme: 'dark' | 'light' = 'dark'): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme })
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // containers that come and go change this machine's interfaces, and Chromium drops its connections then
    if (message.type() === 'error' && !message.text().includes('ERR_NETWORK_CHANGED')) complaints.push(message.text())
  })
  await visit(page, dashboard)
  return page
}

/** Opens an address and waits until it is live; loads it again when Chromium dropped it because the network changed. */
export async function visit(page: Page, url: string): Promise<void> {
  const live = page.getByRole('status', { name: 'Connection' }).getByText('Live')
  for (let attempt = 1; ; attempt++) {
    try {
      // the sign-in link works once, and the cookie it gave counts from then on
      await page.goto(attempt === 1 ? url : url.split('?')[0]!)
      await live.waitFor({ timeout: 5000 })
      return
    } catch (error) {
      if (attempt === 4) throw error
    }
  }
}

/** Writes a picture of the page into the folder that git ignores. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true })
  await page.screenshot({ path: join(screenshots, `${name}.png`), animations: 'disabled' })
}

/** Accessibility rules that the page breaks seriously. */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(AxeBuilderSource.source)
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Array<{ id: string; impact: string; nodes: Array<{ html: string }> }> }> } }
    const { violations } = await axe.run()
    return violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)
  })
}
