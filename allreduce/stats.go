package allreduce

import "time"

// Stats counts what a group has done since it was made.
type Stats struct {
	BytesSent, BytesReceived   int64 // headers included
	FramesSent, FramesReceived int64
	Ops                        [classes]OpStats // see Reduce, Gather, Broadcast, Barrier
}

// OpStats counts the collectives of one kind.
type OpStats struct {
	Count  int64
	Took   time.Duration // from start to end, summed
	Waited time.Duration // time that callers were blocked, summed
}

// Reduce counts the buckets.
func (s Stats) Reduce() OpStats { return s.Ops[classReduce] }

// Gather counts the gathers.
func (s Stats) Gather() OpStats { return s.Ops[classGather] }

// Broadcast counts the broadcasts.
func (s Stats) Broadcast() OpStats { return s.Ops[classBroadcast] }

// Barrier counts the barriers.
func (s Stats) Barrier() OpStats { return s.Ops[classBarrier] }

// Stats returns the counts so far. Bytes that rise are the mark of progress.
func (g *Group) Stats() Stats {
	g.mu.Lock()
	s := g.stats
	g.mu.Unlock()
	s.BytesSent, s.BytesReceived = g.bytesSent.Load(), g.bytesReceived.Load()
	s.FramesSent, s.FramesReceived = g.framesSent.Load(), g.framesReceived.Load()
	return s
}
