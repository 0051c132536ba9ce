import type { Address } from '../balancer/address.ts';
import type { HashInput } from '../balancer/hash-value.ts';
import { joinHostPort } from '../balancer/target-address.ts';
import type { UpstreamBalancer } from '../balancer/upstream-balancer.ts';
import type { Service } from '../model/entities.ts';
import { queryArgument } from '../plugins/query-string.ts';
import { cookieOf } from './cookie.ts';
import { connectionSettings, type Destination, hostHeader } from './destination.ts';
import type { Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';

/** Where the next try of a request goes. */
export interface ChosenAddress {
  readonly destination: Destination;
  /** `Host` towards the upstream. */
  readonly host: string;
  readonly balanced: { readonly balancer: UpstreamBalancer; readonly address: Address } | undefined;
}

export type Choice =
  | { readonly kind: 'chosen'; readonly chosen: ChosenAddress }
  | { readonly kind: 'no-peer' }
  | { readonly kind: 'unresolved' };

const hashInput = (exchange: Exchange): HashInput => ({
  clientIp: exchange.clientIp,
  path: exchange.path,
  consumerOrCredentialId: exchange.consumer?.id ?? exchange.credential?.id,
  header: (name) => exchange.headers.get(name),
  cookie: (name) => cookieOf(exchange.headers, name),
  queryArgument: (name) => queryArgument(exchange.query, name),
  uriCapture: (name) => exchange.captures?.[name],
});

const withoutPort = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');

/** Chooses the addresses for the tries of one request, one after the other. */
export class AddressChooser {
  readonly #gateway: Gateway;
  readonly #exchange: Exchange;
  readonly #service: Service;
  readonly #balancer: UpstreamBalancer | undefined;
  readonly #tried = new Set<Address>();
  #tryCount = 0;

  constructor(gateway: Gateway, exchange: Exchange, service: Service) {
    this.#gateway = gateway;
    this.#exchange = exchange;
    this.#service = service;
    this.#balancer = gateway.upstreams.named(service.host);
  }

  choose(): Choice | Promise<Choice> {
    const balancer = this.#balancer;
    if (!balancer) return this.#chooseByName();
    if (balancer.isResolved) return this.#chooseBalanced(balancer);
    return balancer.resolved().then(() => this.#chooseBalanced(balancer));
  }

  #chooseBalanced(balancer: UpstreamBalancer): Choice {
    const address = balancer.pick(() => hashInput(this.#exchange), this.#tried);
    if (!address) return { kind: 'no-peer' };
    this.#tried.add(address);
    const hostname = balancer.upstream.host_header ?? undefined;
    return this.#chosen(address.ip, address.port, hostname, address.hostname, { balancer, address });
  }

  async #chooseByName(): Promise<Choice> {
    const { host, port } = this.#service;
    const { addresses } = await this.#gateway.resolver.resolve(host);
    const ip = addresses[this.#tryCount % Math.max(addresses.length, 1)];
    this.#tryCount += 1;
    return ip === undefined ? { kind: 'unresolved' } : this.#chosen(ip, port, undefined, host, undefined);
  }

  #chosen(
    ip: string,
    port: number,
    fixedHost: string | undefined,
    hostname: string,
    balanced: ChosenAddress['balanced'],
  ): Choice {
    const snapshot = this.#gateway.snapshot();
    const certificateId = balanced?.balancer.upstream.client_certificate?.id;
    const certificate = certificateId === undefined ? undefined : snapshot.certificates.get(certificateId);
    const settings = connectionSettings(this.#service, snapshot, certificate);
    const preserved = this.#exchange.route?.preserve_host ? this.#exchange.hostHeader : undefined;
    const host = preserved ?? fixedHost ?? hostHeader(hostname, port, settings.isTls);
    return {
      kind: 'chosen',
      chosen: {
        destination: { ...settings, ip, port, serverName: settings.isTls ? withoutPort(host) : '' },
        host,
        balanced,
      },
    };
  }
}

/** For messages: the address of a choice. */
export const describeChoice = ({ destination }: ChosenAddress): string =>
  joinHostPort(destination.ip, destination.port);
