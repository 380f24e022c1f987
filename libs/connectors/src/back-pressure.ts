/**
 * Stops reading from the other side while too much is unacknowledged. For MQTT the receive maximum alone is not enough:
 * Mosquitto exceeds it while it drains an offline queue, and MQTT 3.1.1 has none.
 */
export interface BackPressureLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
}

/** What is stopped; called only when it changes. */
export interface Reading {
  pause(): void;
  resume(): void;
}

export class BackPressure {
  readonly #limits: BackPressureLimits;
  readonly #reading: Reading;
  #messages = 0;
  #bytes = 0;
  #held = false;
  #paused = false;

  constructor(limits: BackPressureLimits, reading: Reading) {
    this.#limits = limits;
    this.#reading = reading;
  }

  get messages(): number {
    return this.#messages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Messages have come. They are taken whatever the limits say: they are in memory already. */
  add(messages: number, bytes: number): void {
    this.#messages += messages;
    this.#bytes += bytes;
    this.#decide();
  }

  /** Messages were acknowledged. */
  remove(messages: number, bytes: number): void {
    this.#messages -= messages;
    this.#bytes -= bytes;
    this.#decide();
  }

  /** Pauses whatever the counts are, until `false`: the sink has no room, or we are leaving. */
  hold(held: boolean): void {
    this.#held = held;
    this.#decide();
  }

  /** Pauses at a limit and resumes at half of both, so that it does not flutter. */
  #decide(): void {
    const { messagesMax, bytesMax } = this.#limits;
    const full = this.#messages >= messagesMax || this.#bytes >= bytesMax;
    const low = this.#messages <= messagesMax / 2 && this.#bytes <= bytesMax / 2;
    if (!this.#paused && (full || this.#held)) {
      this.#paused = true;
      this.#reading.pause();
    } else if (this.#paused && low && !this.#held) {
      this.#paused = false;
      this.#reading.resume();
    }
  }
}
