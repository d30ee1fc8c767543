import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import type { CertificateAuthority } from './ca.ts'
import type { Machine } from './machines.ts'

/**
 * The server's side of a TLS handshake on a connected socket. The certificate is that of the machine named by SNI;
 * an unknown name, or none, gets the first machine's.
 */
export async function serveTls(
  socket: Socket,
  machines: readonly Machine[],
  ca: CertificateAuthority,
  onSni: (name: string) => void,
): Promise<TLSSocket> {
  const contextOf = ({ host, behaviour }: Machine): Promise<SecureContext> =>
    ca.context(behaviour.certificate, host.name)
  const [first] = machines
  if (first === undefined) throw new Error('nobody lives at this address')
  const secureContext = await contextOf(first)
  const tls = new TLSSocket(socket, {
    isServer: true,
    secureContext,
    SNICallback: (name, done) => {
      onSni(name)
      contextOf(machineNamed(name, machines) ?? first).then(
        (context) => done(null, context),
        (error: Error) => done(error),
      )
    },
  })
  // A client that hangs up or refuses our certificate is no news to the lab.
  tls.on('error', () => socket.destroy())
  return tls
}

/** The machine of that name, in whatever case it is asked for. */
export function machineNamed(name: string | null, machines: readonly Machine[]): Machine | null {
  return machines.find(({ host }) => host.name === name?.toLowerCase()) ?? null
}
