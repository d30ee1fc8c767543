import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { WatchedDomain } from '../../src/config/watch-config.ts'
import type { Endpoint } from '../../src/model/route.ts'
import { lookAt } from './look-at.ts'
import { Dovecot } from './servers/dovecot.ts'
import { OpenSslAuthority } from './servers/openssl.ts'
import { describeWith } from './servers/packages.ts'
import { Postfix, type SmtpdSettings } from './servers/postfix.ts'
import { Scratch } from './servers/scratch.ts'
import { tableResolver } from './table-resolver.ts'

const MX = 'mx.example.com'
const ADDRESS = '192.0.2.25'
const OLD = { fromDays: -70, toDays: 20 }
const RENEWED = { fromDays: -2, toDays: 88 }
const BOTH = { otherPorts: [465, 587, 993, 443], bothKeyTypes: true } as const

const KEYS = { bothKeyTypes: true } as const

describeWith(['postfix', 'dovecot-imapd', 'openssl'], 'the other faces of a real Postfix and Dovecot', () => {
  const stack = new AsyncDisposableStack()
  let authorities: Readonly<Record<'ec' | 'rsa', OpenSslAuthority>>
  let scratch: Scratch
  let roots: readonly string[]

  beforeAll(() => {
    scratch = stack.use(new Scratch('faces'))
    authorities = {
      ec: new OpenSslAuthority(scratch, 'ec', 'ec'),
      rsa: new OpenSslAuthority(scratch, 'rsa', 'rsa'),
    }
    roots = [authorities.ec.rootPem, authorities.rsa.rootPem]
  })
  afterAll(() => stack.disposeAsync())

  async function look(servers: Readonly<Record<number, Endpoint>>, keys: Partial<WatchedDomain> = BOTH) {
    const resolver = tableResolver({ mx: { 'example.com': MX }, addresses: { [MX]: [ADDRESS] } })
    const routes = Object.entries(servers).map(([port, endpoint]) => [`${ADDRESS} ${port}`, endpoint])
    const world = { resolver, servers: Object.fromEntries(routes), roots }
    const { snapshot, codes } = await lookAt(world, 'example.com', {}, keys)
    const faces = snapshot.hosts[0]?.faces.map(({ port, keys: choice, look: seen }) => {
      if (seen.outcome !== 'seen') return `${port} ${choice} ${JSON.stringify(seen)}`
      const { value } = seen
      return `${port} ${choice} ${value.outcome === 'shown' ? value.tls.chain[0]?.keyType : value.outcome}`
    })
    return { codes: [...codes('mx.'), ...codes('dane.')], faces }
  }

  const showing = (files: string, more: SmtpdSettings = {}): SmtpdSettings => ({
    smtpd_tls_security_level: 'may',
    smtpd_tls_chain_files: files,
    ...more,
  })

  test('renewed, IMAP restarted and Postfix forgotten: told, until postfix reload', async () => {
    const files = { rsa: join(scratch.path, 'mail-rsa.pem'), ec: join(scratch.path, 'mail-ec.pem') }
    const install = (dates: typeof OLD) => {
      for (const key of ['rsa', 'ec'] as const) copyFileSync(authorities[key].issue(MX, dates), files[key])
    }
    install(OLD)
    const chain = `${files.rsa}, ${files.ec}`
    await using postfix = await Postfix.start({
      services: {
        smtp: showing(chain),
        smtps: showing(chain, { smtpd_tls_wrappermode: 'yes' }),
        submission: showing(chain, { smtpd_tls_security_level: 'encrypt' }),
      },
      // One smtpd that stays: as on a host where mail never stops coming.
      main: { default_process_limit: '1', max_idle: '1000s' },
    })
    const mta = {
      25: postfix.endpoint('smtp'),
      465: postfix.endpoint('smtps'),
      587: postfix.endpoint('submission'),
    }
    const imap = () => Dovecot.start({ identity: files.ec, password: 'x', settings: [] })
    {
      await using dovecot = await imap()
      expect(await look({ ...mta, 993: dovecot.implicit })).toEqual({
        codes: ['mx.certificate.expiring'],
        faces: ['25 rsa rsa', '465 any ec', '587 any ec', '993 any ec', '443 any closed'],
      })
    }
    install(RENEWED)
    await using dovecot = await imap()
    const all = { ...mta, 993: dovecot.implicit }
    expect(await look(all)).toMatchObject({ codes: ['mx.certificate.not-reloaded'] })
    // Who did not ask for other ports sees the end of it come, and no more.
    expect(await look(all, {})).toEqual({ codes: ['mx.certificate.expiring'], faces: [] })
    postfix.reload()
    // The old smtpd may serve one more session.
    await expect.poll(async () => (await look(all)).codes, { timeout: 30_000 }).toEqual([])
  })

  test('two key types: the RSA certificate was forgotten at the last renewal', async () => {
    const ended = { fromDays: -91, toDays: -1 }
    const chain = `${authorities.rsa.issue(MX, ended)}, ${authorities.ec.issue(MX, RENEWED)}`
    await using postfix = await Postfix.start({
      services: { smtp: showing(chain), older: showing(chain, { smtpd_tls_protocols: 'TLSv1.2' }) },
    })
    expect(await look({ 25: postfix.endpoint('smtp') }, KEYS)).toEqual({
      codes: ['mx.certificate.key-types-differ'],
      faces: ['25 rsa rsa'],
    })
    // In TLS 1.2 the order of the ciphers decides, and RSA comes first.
    expect(await look({ 25: postfix.endpoint('older') }, KEYS)).toEqual({
      codes: ['mx.certificate.expired'],
      faces: ['25 ecdsa ec'],
    })
  })

  test('two key types: both are in order', async () => {
    const chain = `${authorities.rsa.issue(MX)}, ${authorities.ec.issue(MX)}`
    await using postfix = await Postfix.start({ services: { smtp: showing(chain) } })
    const seen = await look({ 25: postfix.endpoint('smtp') }, KEYS)
    expect(seen).toEqual({ codes: [], faces: ['25 rsa rsa'] })
  })

  test('one key type: the other is no finding', async () => {
    const services = {
      ec: showing(authorities.ec.issue(MX)),
      rsa: showing(authorities.rsa.issue(MX)),
      older: showing(authorities.rsa.issue(MX), { smtpd_tls_protocols: 'TLSv1.2' }),
    }
    await using postfix = await Postfix.start({ services })
    const told = []
    for (const service of ['ec', 'rsa', 'older']) {
      told.push(await look({ 25: postfix.endpoint(service) }, KEYS))
    }
    expect(told).toEqual([
      { codes: [], faces: ['25 rsa no-such-key'] },
      { codes: [], faces: ['25 ecdsa no-such-key'] },
      { codes: [], faces: ['25 ecdsa no-such-key'] },
    ])
  })
})
