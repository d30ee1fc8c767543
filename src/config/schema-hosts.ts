import { z } from 'zod'
import { mapping } from './schema-parts.ts'
import * as values from './watch-values.ts'

const NEXT_CERT =
  'The certificate that the host is to use next: a PEM file, leaf first, relative to this file. It is read at every reload.'
const NEXT_KEY =
  'Its key alone: a PEM file with the public key or a certificate request, or the SHA-256 of the SubjectPublicKeyInfo in hex. Never the private key.'

/** `hosts`: what is special about single MX hosts, whichever domains use them. */
export function hosts() {
  const host = mapping({
    next_cert: z.string().min(1).optional().describe(NEXT_CERT),
    next_key: z.string().min(1).optional().describe(NEXT_KEY),
  }).superRefine(({ next_cert, next_key }, check) => {
    if ((next_cert === undefined) !== (next_key === undefined)) return
    const params = { allowed: 'either `next_cert` or `next_key`', candidates: [], suggestion: null }
    check.addIssue({ code: 'custom', message: params.allowed, params })
  })
  return z
    .record(z.string(), host)
    .superRefine((all, check) => {
      for (const name of Object.keys(all)) {
        const complaint = values.hostName(name)
        if (complaint === null) continue
        const params = { ...complaint, allowed: `as key ${complaint.allowed}` }
        check.addIssue({ code: 'custom', path: [name], message: params.allowed, params })
      }
    })
    .default({})
    .describe(
      'MX hosts whose key is about to change: stswatch tells when each step of the TLSA rollover is safe.',
    )
}
