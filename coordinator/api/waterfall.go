package api

// Waterfalls are where the time of a step went on each worker (/api/waterfall). Asking has them taken: the first answer may
// have none. Times are seconds from the beginning of the worker's step; each was held up by the barrier of the one before.
type Waterfalls struct {
	Workers []WorkerWaterfall `json:"workers"` // in the order of the ring
}

// WorkerWaterfall is that of one worker.
type WorkerWaterfall struct {
	Worker  string          `json:"worker"`
	Step    uint64          `json:"step"` // steps applied, with this one
	Total   float64         `json:"total"`
	Spans   []WaterfallSpan `json:"spans"`              // as they began
	LeftOut int             `json:"left_out,omitempty"` // buckets of which there were too many
}

// WaterfallSpan is a part of a step.
type WaterfallSpan struct {
	Part   string  `json:"part"`   // rows, forward, backward, bucket, statistics, mirror, blocked, barrier, apply
	Number int     `json:"number"` // of the pass, or of the bucket
	Begin  float64 `json:"begin"`
	End    float64 `json:"end"`
	Bytes  int64   `json:"bytes,omitempty"` // of what goes round the ring
}
