import { createHash } from 'node:crypto';
import type { Upstream } from '../model/entities.ts';
import type { Address } from './address.ts';

/** Chooses among addresses that may be used now; `hashValue` is what the upstream's `hash_on` yields for the request. */
export interface Algorithm {
  /** Called whenever the addresses or their weights change. */
  rebuild(addresses: readonly Address[]): void;
  pick(isUsable: (address: Address) => boolean, hashValue: string | undefined): Address | undefined;
}

/**
 * Smooth weighted round robin: shares are exact over each turn, and a heavy target is spread over the turn
 * instead of getting its share in a row.
 *
 * @param turnCount how many turns run side by side, each beginning with the first target, as every worker process of
 *   Kong has its own; picks go to them one after the other
 */
export const roundRobin = (turnCount = 1): Algorithm => {
  let all: readonly Address[] = [];
  let turns: Map<Address, number>[] = [];
  let next = 0;
  return {
    rebuild: (addresses) => {
      all = addresses;
      turns = Array.from({ length: turnCount }, () => new Map<Address, number>());
      next = 0;
    },
    pick: (isUsable) => {
      const turn = turns[next];
      if (turn === undefined) return undefined;
      next = (next + 1) % turnCount;
      let best: Address | undefined;
      let most = Number.NEGATIVE_INFINITY;
      let total = 0;
      for (const address of all) {
        if (!isUsable(address)) continue;
        total += address.weight;
        const current = (turn.get(address) ?? 0) + address.weight;
        turn.set(address, current);
        if (current > most) [best, most] = [address, current];
      }
      if (best) turn.set(best, most - total);
      return best;
    },
  };
};

/** The usable address with the lowest score; of equals the one that was not chosen for longest, by round robin. */
const lowestScore = (score: (address: Address) => number): Algorithm => {
  const turn = roundRobin();
  let all: readonly Address[] = [];
  return {
    rebuild: (addresses) => {
      all = addresses;
      turn.rebuild(addresses);
    },
    pick: (isUsable, hashValue) => {
      let lowest = Number.POSITIVE_INFINITY;
      for (const address of all) if (isUsable(address)) lowest = Math.min(lowest, score(address));
      return turn.pick((address) => isUsable(address) && score(address) === lowest, hashValue);
    },
  };
};

const leastConnections = (): Algorithm =>
  lowestScore((address) => (address.activeRequests + 1) / address.weight);

const latency = (): Algorithm =>
  lowestScore((address) => (address.latencyMs * (address.activeRequests + 1)) / address.weight);

interface RingPoint {
  readonly position: number;
  readonly address: Address;
}

const positionOf = (text: string): number => createHash('md5').update(text).digest().readUInt32BE(0);

/** More points than this per full weight change the shares by less than a per cent. */
const MAX_RING_POINTS = 4096;

/**
 * A hash ring. An address's points depend on nothing but itself, so when one goes only its own share moves.
 * An address that may not be used is skipped along the ring.
 */
const consistentHashing = (slots: number): Algorithm => {
  let ring: RingPoint[] = [];
  const fallback = roundRobin();
  return {
    rebuild: (addresses) => {
      fallback.rebuild(addresses);
      const totalWeight = addresses.reduce((sum, address) => sum + address.weight, 0);
      const points = Math.min(slots, MAX_RING_POINTS);
      ring = addresses.flatMap((address) =>
        Array.from(
          { length: Math.ceil((points * address.weight) / Math.max(totalWeight, 1)) },
          (_, index) => ({
            position: positionOf(`${address.hostname}|${address.ip}:${address.port}#${index}`),
            address,
          }),
        ),
      );
      ring.sort((a, b) => a.position - b.position);
    },
    pick: (isUsable, hashValue) => {
      if (hashValue === undefined) return fallback.pick(isUsable, hashValue);
      const wanted = positionOf(hashValue);
      let low = 0;
      let high = ring.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((ring[middle]?.position ?? 0) < wanted) low = middle + 1;
        else high = middle;
      }
      for (let step = 0; step < ring.length; step += 1) {
        const point = ring[(low + step) % ring.length];
        if (point && isUsable(point.address)) return point.address;
      }
      return undefined;
    },
  };
};

export const createAlgorithm = (
  upstream: Pick<Upstream, 'algorithm' | 'slots'>,
  turnCount = 1,
): Algorithm => {
  switch (upstream.algorithm) {
    case 'round-robin':
      return roundRobin(turnCount);
    case 'least-connections':
      return leastConnections();
    case 'latency':
      return latency();
    case 'consistent-hashing':
      return consistentHashing(upstream.slots);
  }
};
