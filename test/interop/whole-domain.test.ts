import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/time.ts'
import { DEFAULT_LIMITS } from '../../src/probe/limits.ts'
import { createResolver } from '../../src/probe/resolver.ts'
import { lookAt, type RealWorld } from './look-at.ts'
import { freeEndpoint } from './servers/free-endpoints.ts'
import { APEX, Knot } from './servers/knot.ts'
import { Nginx } from './servers/nginx.ts'
import { OpenSslAuthority } from './servers/openssl.ts'
import { describeWith } from './servers/packages.ts'
import { Postfix } from './servers/postfix.ts'
import { Scratch } from './servers/scratch.ts'
import { Unbound } from './servers/unbound.ts'

const POLICY = 'version: STSv1\r\nmode: enforce\r\nmx: *.whole.test\r\nmax_age: 1209600\r\n'

const ZONE = `${APEX}
@ MX 10 mx1
@ MX 20 mx2
mx1 A 192.0.2.25
mx2 A 192.0.2.26
mta-sts A 192.0.2.80
_mta-sts TXT "v=STSv1; id=20261123T140500Z"
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:reports@whole.test"
`

describeWith(
  ['knot', 'unbound', 'nginx-light', 'postfix', 'openssl'],
  'a domain whose servers are all real',
  () => {
    const stack = new AsyncDisposableStack()
    let world: RealWorld

    beforeAll(async () => {
      const scratch = stack.use(new Scratch('whole'))
      const authority = new OpenSslAuthority(scratch, 'ec', 'ec')
      const knot = stack.use(
        await Knot.start([
          { name: 'whole.test.', signed: true, content: () => ZONE },
          {
            name: '.',
            signed: true,
            content: (ds) => `${APEX}whole.test. NS ns.invalid.\n${ds('whole.test.')}\n`,
          },
        ]),
      )
      const zones = { '.': knot.endpoint, 'whole.test.': knot.endpoint }
      const unbound = stack.use(
        await Unbound.start({ zones, trustAnchor: knot.ds('.'), extendedErrors: false }),
      )
      const https = await freeEndpoint()
      const host = 'mta-sts.whole.test'
      const files = { '.well-known/mta-sts.txt': POLICY }
      const identity = authority.issue(host)
      stack.use(await Nginx.start([{ name: host, at: [https], identity, files, directives: [] }]))
      const showing = (name: string, days: number) => ({
        smtpd_tls_security_level: 'may',
        smtpd_tls_chain_files: authority.issue(name, { fromDays: -80, toDays: days }),
      })
      const services = { mx1: showing('mx1.whole.test', 60), mx2: showing('mx2.whole.test', -1) }
      const postfix = stack.use(await Postfix.start({ services }))
      const { host: address, port } = unbound.endpoint
      world = {
        resolver: createResolver({
          servers: [{ address, port, trusted: true }],
          clock: systemClock,
          limits: DEFAULT_LIMITS.dns,
        }),
        servers: {
          '192.0.2.80 443': https,
          '192.0.2.25 25': postfix.endpoint('mx1'),
          '192.0.2.26 25': postfix.endpoint('mx2'),
        },
        roots: [authority.rootPem],
      }
    })
    afterAll(() => stack.disposeAsync())

    test('one look finds its one fault, as critical as its policy makes it, and nothing else', async () => {
      const { snapshot, judgement } = await lookAt(world, 'whole.test')
      expect(snapshot.stsRecord).toMatchObject({ outcome: 'seen', value: { security: 'secure' } })
      expect(snapshot.hosts.map(({ tlsa }) => tlsa)).toMatchObject([
        { outcome: 'absent', denial: 'nxdomain', security: 'secure' },
        { outcome: 'absent', denial: 'nxdomain', security: 'secure' },
      ])
      expect(judgement.findings).toMatchObject([
        { code: 'mx.certificate.expired', subject: 'mx2.whole.test', severity: 'critical' },
      ])
    })
  },
)
