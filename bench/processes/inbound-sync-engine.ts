import type { RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { answerParent } from '../harness/answer.ts'
import { listen } from '../harness/listen.ts'
import { meterCpu, type Usage } from '../harness/usage.ts'

// @supabase/stripe-sync-engine behind node:http, as its README says: verified, and written into the tables of its objects.
interface Options {
  readonly secret: string
  readonly database: string
  /** Folder whose node_modules has the package. */
  readonly folder: string
  readonly apiVersion: string
}

interface SyncEngine {
  readonly runMigrations: (config: object) => Promise<void>
  readonly StripeSync: new (
    config: object,
  ) => {
    processWebhook(payload: Buffer, signature: string | undefined): Promise<unknown>
  }
}

async function open({ secret, database, folder, apiVersion }: Options): Promise<string> {
  const { resolve } = createRequire(join(folder, 'package.json'))
  const { StripeSync, runMigrations }: SyncEngine = await import(
    pathToFileURL(resolve('@supabase/stripe-sync-engine')).href
  )
  await runMigrations({ databaseUrl: database, schema: 'stripe' })
  const sync = new StripeSync({
    ...{
      schema: 'stripe',
      stripeSecretKey: 'sk_test_bench',
      stripeWebhookSecret: secret,
      stripeApiVersion: apiVersion,
    },
    poolConfig: { connectionString: database, max: 10 },
  })
  const handle: RequestListener = (request, response) => {
    const signature = request.headers['stripe-signature']
    buffer(request)
      .then((body) => sync.processWebhook(body, Array.isArray(signature) ? signature[0] : signature))
      .then(
        () => response.writeHead(200).end('ok'),
        (error: unknown) => response.writeHead(500).end(String(error)),
      )
  }
  return listen(handle)
}

let stop: (() => Usage) | undefined

answerParent({
  listen: open,
  start: () => {
    stop = meterCpu()
  },
  stop: () => stop?.(),
})
