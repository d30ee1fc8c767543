import type { Endpoint } from '../../src/model/route.ts'
import { APEX, Knot, type KnotZone } from './servers/knot.ts'

/** A whole DNS of our own: what `Unbound` needs to know of it. */
export interface ZoneTree extends AsyncDisposable {
  readonly zones: Readonly<Record<string, Endpoint>>
  readonly trustAnchor: string
  /** A server that has no more than its own zone, and does not recurse. */
  readonly authority: Endpoint
  /** The master file of a signed zone, with its signatures. */
  served(zone: string): string
}

/** Ten strings of 250 characters: far beyond what fits into one datagram of 1232 bytes. */
export const LONG_TEXTS: readonly string[] = [...'abcdefghij'].map((letter) => letter.repeat(250))

export const STS_RECORD = 'v=STSv1; id=20261123T140500Z'
export const TLSA = `3 1 1 ${'c0ffee00'.repeat(8)}`

const GOOD = `${APEX}
@ MX 10 mx
@ MX 20 mx2.plain.test.
mx A 192.0.2.25
mx AAAA 2001:db8::25
mx4 A 192.0.2.4
_25._tcp.mx TLSA ${TLSA}
_mta-sts TXT "${STS_RECORD}"
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:" "reports@good.test"
null MX 0 .
${LONG_TEXTS.map((text) => `long TXT "${text}"`).join('\n')}
alias CNAME alias2
alias2 CNAME mx
abroad CNAME host.plain.test.
nowhere CNAME missing
round CNAME around
around CNAME round
moved DNAME plain.test.
*.wild TXT "from the wildcard"
`

const PLAIN = `${APEX}
@ TXT "plain"
host A 192.0.2.80
back CNAME mx.good.test.
`

/**
 * `.` and `test.` are signed; below lie good.test (secure), plain.test (insecure), forged.test (a record was changed
 * after it was signed), stranger.test (signed with a key that its parent does not know), lame.test (its server does not
 * have it) and silent.test (its server never answers).
 */
export async function startZoneTree(): Promise<ZoneTree> {
  const stack = new AsyncDisposableStack()
  try {
    const main = stack.use(await Knot.start(SIGNED))
    const forged = main.served('forged.test.').replaceAll('"true"', '"false"')
    const other = stack.use(
      await Knot.start([{ name: 'forged.test.', signed: false, content: () => forged }]),
    )
    const silent = stack.use(await Knot.start([{ name: 'silent.test.', signed: false, content: () => APEX }]))
    silent.freeze()
    return {
      zones: {
        '.': main.endpoint,
        ...Object.fromEntries(SIGNED.map(({ name }) => [name, main.endpoint])),
        'forged.test.': other.endpoint,
        'lame.test.': other.endpoint,
        'silent.test.': silent.endpoint,
      },
      trustAnchor: main.ds('.'),
      authority: other.endpoint,
      served: (zone) => main.served(zone),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** A zone above others: `secure` ones have a DS record there, `insecure` ones have none. */
export function parent(secure: readonly string[], insecure: readonly string[], more: (ds: Ds) => string) {
  return (ds: Ds): string => {
    const delegations = [...secure, ...insecure].map((zone) => `${zone} NS ns.invalid.\n`)
    return [APEX, ...delegations, ...secure.map((zone) => `${ds(zone)}\n`), more(ds)].join('')
  }
}

type Ds = (zone: string) => string

const SIGNED: readonly KnotZone[] = [
  { name: 'good.test.', signed: true, content: () => GOOD },
  { name: 'plain.test.', signed: false, content: () => PLAIN },
  {
    name: 'forged.test.',
    signed: true,
    content: () => `${APEX}@ TXT "true"\n_mta-sts TXT "true"\n@ MX 10 mx.good.test.\n`,
  },
  { name: 'stranger.test.', signed: true, content: () => `${APEX}@ TXT "whose?"\n` },
  {
    name: 'test.',
    signed: true,
    content: parent(
      ['good.test.', 'forged.test.'],
      ['plain.test.', 'lame.test.', 'silent.test.', 'stranger.test.'],
      // The DS of another zone's key.
      (ds) => `${ds('good.test.').replace('good.test.', 'stranger.test.')}\n`,
    ),
  },
  { name: '.', signed: true, content: parent(['test.'], [], () => '') },
]
