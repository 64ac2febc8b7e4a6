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
  /** Where it reads customers again, the provider's origin; without one it takes what came. */
  readonly provider?: string
}

interface SyncEngine {
  readonly runMigrations: (config: object) => Promise<void>
  readonly StripeSync: new (
    config: object,
  ) => {
    stripe: unknown
    processWebhook(payload: Buffer, signature: string | undefined): Promise<unknown>
  }
}

type Client = new (key: string, config: object) => unknown

async function open({ secret, database, folder, apiVersion, provider }: Options): Promise<string> {
  const { resolve } = createRequire(join(folder, 'package.json'))
  const load = (name: string) => import(pathToFileURL(resolve(name)).href)
  const { StripeSync, runMigrations }: SyncEngine = await load('@supabase/stripe-sync-engine')
  await runMigrations({ databaseUrl: database, schema: 'stripe' })
  const sync = new StripeSync({
    ...{
      schema: 'stripe',
      stripeSecretKey: 'sk_test_bench',
      stripeWebhookSecret: secret,
      stripeApiVersion: apiVersion,
    },
    poolConfig: { connectionString: database, max: 10 },
    ...(provider === undefined ? {} : { revalidateObjectsViaStripeApi: ['customer'] }),
  })
  if (provider !== undefined) {
    const { default: Stripe }: { readonly default: Client } = await load('stripe')
    const { hostname: host, port } = new URL(provider)
    sync.stripe = new Stripe('sk_test_bench', { apiVersion, protocol: 'http', host, port })
  }
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
