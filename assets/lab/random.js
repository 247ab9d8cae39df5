// Random numbers from a seed. Each purpose (data, weights, biases, batches) and each layer has a
// stream of its own, so that a change of one initializer leaves all other draws as they were.
//
// The generator is xoshiro128** (Blackman & Vigna 2021, "Scrambled linear pseudorandom number
// generators"): four words of state, which can be copied, so that a rewind replays the same
// batches. The state is filled by SplitMix64 (Steele, Lea & Flood 2014), as its authors advise.

export const STREAMS = { data: 0, weights: 1, biases: 2, batches: 3 };
const STREAM_BITS = 16n; // room for purposes and layers below the seed

/** SplitMix64: each call returns the next 64 bits as a BigInt. */
export function splitmix64(seed) {
  let state = BigInt.asUintN(64, seed);
  return () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  };
}

export class Random {
  /** `state`: four 32-bit words, not all zero. They are used in place: copy them to keep them. */
  constructor(state) {
    this.state = state;
  }

  /** The stream of one purpose (a key of STREAMS) and layer, for a seed from 0 to 2**32 - 1. */
  static stream(seed, purpose, layer = 0) {
    const key = (BigInt(seed) << STREAM_BITS) | BigInt(STREAMS[purpose] * 256 + layer);
    const next = splitmix64(key);
    const words = new Uint32Array(4);
    for (let i = 0; i < 4; i += 2) {
      const bits = next();
      words[i] = Number(bits & 0xffffffffn);
      words[i + 1] = Number(bits >> 32n);
    }
    return new Random(words);
  }

  /** The next 32 bits, a whole number from 0 to 2**32 - 1. */
  bits() {
    const s = this.state;
    const five = Math.imul(s[1], 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** Uniform in [0, 1), a multiple of 2**-53. */
  uniform() {
    const high = this.bits() >>> 5;
    return (high * 67108864 + (this.bits() >>> 6)) / 9007199254740992;
  }

  /** A whole number from 0 to n - 1. Its probabilities differ by less than n / 2**53. */
  below(n) {
    return Math.floor(this.uniform() * n);
  }

  /** Fill `out` with standard normal numbers by the polar method (Marsaglia & Bray 1964). */
  fillNormal(out) {
    for (let i = 0; i < out.length; i += 2) {
      let u, v, square;
      do {
        u = 2 * this.uniform() - 1;
        v = 2 * this.uniform() - 1;
        square = u * u + v * v;
      } while (square >= 1 || square === 0);
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      out[i] = u * factor;
      if (i + 1 < out.length) out[i + 1] = v * factor;
    }
  }

  /** Shuffle `items` in place, every order equally likely (Fisher & Yates). */
  shuffle(items) {
    for (let i = items.length - 1; i > 0; i -= 1) {
      const j = this.below(i + 1);
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
  }
}
