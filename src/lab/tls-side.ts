import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import type { CertificateAuthority } from './ca.ts'
import type { CertificateSpec } from './certificate-spec.ts'
import type { Machine } from './machines.ts'
import type { Behaviour } from './world.ts'

/** Which certificates a machine shows. */
export type Shown = (behaviour: Behaviour) => readonly CertificateSpec[]

const ordinary: Shown = ({ certificate }) => [certificate]

/**
 * The server's side of a TLS handshake on a connected socket. The certificate is that of the machine named by SNI;
 * an unknown name, or none, gets the first machine's.
 */
export async function serveTls(
  socket: Socket,
  machines: readonly Machine[],
  ca: CertificateAuthority,
  onSni: (name: string) => void,
  shown: Shown = ordinary,
): Promise<TLSSocket> {
  const contextOf = ({ host, behaviour }: Machine): Promise<SecureContext> =>
    ca.context(shown(behaviour), host.name)
  const [first] = machines
  if (first === undefined) throw new Error('nobody lives at this address')
  const secureContext = await contextOf(first)
  const bySni = (name: string, done: (error: Error | null, context?: SecureContext) => void) => {
    onSni(name)
    contextOf(machineNamed(name, machines) ?? first).then(
      (context) => done(null, context),
      (error: Error) => done(error),
    )
  }
  const tls = new TLSSocket(socket, {
    isServer: true,
    secureContext,
    // Of a context that SNI chose Node takes one certificate only; who has two is alone at its address.
    ...(shown(first.behaviour).length > 1 ? {} : { SNICallback: bySni }),
  })
  tls.once('secure', () => {
    if (typeof tls.servername === 'string') onSni(tls.servername)
  })
  // A client that hangs up or refuses our certificate is no news to the lab.
  tls.on('error', () => socket.destroy())
  return tls
}

/** The machine of that name, in whatever case it is asked for. */
export function machineNamed(name: string | null, machines: readonly Machine[]): Machine | null {
  return machines.find(({ host }) => host.name === name?.toLowerCase()) ?? null
}
