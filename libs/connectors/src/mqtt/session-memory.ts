/** What one MQTT session knows across its network connections, as far as the broker still knows it too. */
export class SessionMemory {
  /** QoS 2: packet ids whose message is durable and whose PUBREL has not come (MQTT 5, section 4.3.3). */
  readonly #durablePacketIds = new Set<number>();
  /** The broker has confirmed all our subscriptions. */
  subscribed = false;
  received = 0;
  acknowledged = 0;

  /** The broker has no session of ours: packet ids mean nothing any more, and the subscriptions are gone. */
  forget(): void {
    this.#durablePacketIds.clear();
    this.subscribed = false;
  }

  isDurable(packetId: number): boolean {
    return this.#durablePacketIds.has(packetId);
  }

  becameDurable(packetId: number): void {
    this.#durablePacketIds.add(packetId);
  }

  released(packetId: number): void {
    this.#durablePacketIds.delete(packetId);
  }
}
