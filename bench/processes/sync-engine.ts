import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { answerParent } from '../harness/answer.ts'

// @supabase/stripe-sync-engine as its README says, but for the address of the provider.
interface Options {
  readonly origin: string
  readonly database: string
  /** Folder whose node_modules has the package and stripe. */
  readonly folder: string
  readonly apiVersion: string
}

type Constructor = new (...given: readonly unknown[]) => unknown

interface SyncEngine {
  readonly runMigrations: (config: object) => Promise<void>
  readonly StripeSync: new (
    config: object,
  ) => { stripe: unknown; syncCustomers(): Promise<{ readonly synced: number }> }
}

async function backfill({
  origin,
  database,
  folder,
  apiVersion,
}: Options): Promise<{ readonly wallMs: number; readonly records: number }> {
  const { resolve } = createRequire(join(folder, 'package.json'))
  const load = (name: string) => import(pathToFileURL(resolve(name)).href)
  const { StripeSync, runMigrations }: SyncEngine = await load('@supabase/stripe-sync-engine')
  const { default: Stripe }: { readonly default: Constructor } = await load('stripe')
  await runMigrations({ databaseUrl: database, schema: 'stripe' })
  const sync = new StripeSync({
    ...{
      schema: 'stripe',
      stripeSecretKey: 'sk_test_bench',
      stripeWebhookSecret: 'none',
      stripeApiVersion: apiVersion,
    },
    poolConfig: { connectionString: database, max: 10 },
  })
  const { hostname: host, port } = new URL(origin)
  sync.stripe = new Stripe('sk_test_bench', {
    apiVersion,
    host,
    port: Number(port),
    protocol: 'http',
    telemetry: false,
  })
  const from = performance.now()
  const { synced } = await sync.syncCustomers()
  return { wallMs: performance.now() - from, records: synced }
}

answerParent({ backfill })
