import { callBatch } from '../../api/batch.ts'
import type { Batch } from '../../api/batch-contract.ts'
import { BATCH_ANSWER, BATCH_BODY } from '../../api/batch-schema.ts'
import type { Route } from '../route.ts'

/** Several calls in one, some of them made of the answers of others. */
export const BATCH_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'post', path: '/batch-request', tag: 'Batch', rank: 'any', query: {}, body: BATCH_BODY },
    summary: 'Makes several calls, with the answers of some as input of others; what fails is told part by part.',
    answer: BATCH_ANSWER,
    handle: ({ context, body, idempotencyKey }) => callBatch(context, body as Batch, idempotencyKey),
  },
]
