import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context, Hono } from 'hono'
import type { Services } from '../api/context.ts'
import type { HostCheck } from '../http/hosts.ts'
import { showApprove } from './approve.ts'
import { connectByForm, openSession, sessionState } from './calls.ts'
import { arrive, depart, showDeparture } from './oauth.ts'
import { showLink, showTheme } from './pages.ts'
import { type LinkHandler, served } from './serve.ts'
import { SCRIPT_PARTS } from './views/layout.ts'

const ASSETS = join(import.meta.dirname, 'assets')
/** The build writes the script beside this code; started from its sources, the server takes it from there. */
const SCRIPTS = [
  join(import.meta.dirname, 'sdk/link.js'),
  join(import.meta.dirname, '../../dist/server/link/sdk/link.js'),
]

/** Link: the pages on which people connect their accounts, and what their scripts call. */
export function addLink(app: Hono, services: Services, isHost: HostCheck): void {
  const page = (handler: LinkHandler) => served({ services, isHost, shows: 'page' }, handler)
  const json = (handler: LinkHandler) => served({ services, isHost, shows: 'json' }, handler)
  app.get('/link.js', asset({ paths: SCRIPTS, type: 'text/javascript', for: 'cross-origin' }))
  for (const name of ['approve.js', 'page.js', ...SCRIPT_PARTS]) {
    app.get(`/link/${name}`, asset({ paths: [join(ASSETS, name)], type: 'text/javascript', for: 'same-origin' }))
  }
  app.get('/link/page.css', asset({ paths: [join(ASSETS, 'page.css')], type: 'text/css', for: 'same-origin' }))
  app.get('/link/:id', page(showLink))
  app.get('/link/:id/theme.css', page(showTheme))
  app.get('/link/:id/session', json(sessionState))
  app.post('/link/:id/session', json(openSession))
  app.post('/link/:id/connect', json(connectByForm))
  app.get('/approve/:id', page(showApprove))
  app.get('/oauth/start', page(showDeparture))
  app.post('/oauth/start', json(depart))
  app.get('/oauth/callback/:integration', page(arrive))
}

interface Asset {
  readonly paths: readonly string[]
  readonly type: 'text/javascript' | 'text/css'
  /** Who may load it. */
  readonly for: 'same-origin' | 'cross-origin'
}

function asset({ paths, type, for: whom }: Asset): (c: Context) => Response {
  const path = paths.find((one) => existsSync(one))
  const body = path === undefined ? null : readFileSync(path)
  const headers = {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': whom,
  }
  return () => new Response(body, { headers, status: body === null ? 404 : 200 })
}
