import type { Clock } from '../../kernel/index.ts'
import type { Carrier } from '../port.ts'
import type { TlsSource } from '../tls.ts'
import { type PostBounds, postBoundsOf } from './post-bounds.ts'
import { PostLink } from './post-link.ts'

export interface PostCarrierOptions {
  readonly clock: Clock
  /** The service that calls; with TLS its certificate must say the same. */
  readonly service: string
  /** With TLS, instances of another application are refused. */
  readonly application: string
  /** Mutual TLS; without it roads must be guarded otherwise: a private folder, loopback. */
  readonly tls?: TlsSource
  readonly bounds?: Partial<PostBounds>
}

/** Carries each call as one `POST /rpc/<module>/<operation>` over HTTP/1.1 connections that are kept
 *  alive: for meshes that want to see, route and authorise every request.
 *  Cost: about 40 µs per call and side, 20 times the frames'; a connection per call under way. */
export function createPostCarrier(options: PostCarrierOptions): Carrier {
  const { clock, service, application, tls } = options
  const bounds = postBoundsOf(options.bounds)
  return {
    name: 'post',
    open: (address, events) =>
      new PostLink({ clock, service, application, tls, bounds, address, events }),
  }
}
