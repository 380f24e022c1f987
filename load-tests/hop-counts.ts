/** One hop of the platform's accounting, as its api answers it, and the identity that must hold for it. */

export interface HopCounts {
  readonly service: string;
  readonly hop: string;
  readonly in: number;
  readonly out: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly deadLettered: number;
  readonly parked: number;
  readonly repeated: number;
  readonly inFlight: number;
}

/** in − out − rejected − deadLettered − parked − repeated − inFlight: 0 unless a message was forgotten or counted twice. */
export function unexplainedMessages(hop: HopCounts): number {
  const rejected = Object.values(hop.rejected).reduce((sum, count) => sum + count, 0);
  return hop.in - hop.out - rejected - hop.deadLettered - hop.parked - hop.repeated - hop.inFlight;
}
