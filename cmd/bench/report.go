package bench

import "github.com/rondo-ml/rondo/cmd/bench/predict"

// Report is what `rondo bench --json` prints. What was not asked for is left out. The names of its fields stay;
// docs/bench/README.md says what they mean.
type Report struct {
	Machine *Machine `json:"machine,omitempty"`
	Kernels []Kernel `json:"kernels,omitempty"`
	Ring    *Ring    `json:"ring,omitempty"`
	Run     *Run     `json:"run,omitempty"`
	Models  []Model  `json:"models,omitempty"`
}

// Run is a run file's step here, and what it would be on a cluster.
type Run struct {
	Name          string               `json:"name"`
	Model         string               `json:"model"`
	Parameters    int                  `json:"parameters"`
	Lanes         int                  `json:"lanes"`
	Steps         int                  `json:"steps"`
	Targets       int                  `json:"targets"`
	Unit          string               `json:"unit"` // of targets: "byte" or "image"
	Operations    float64              `json:"step_gflop"`
	GradientBytes int                  `json:"gradient_bytes"`
	Buckets       int                  `json:"buckets"`
	Here          Here                 `json:"here"`
	Cluster       Cluster              `json:"cluster"`
	Predicted     []predict.Prediction `json:"predicted,omitempty"`
	Plan          *Plan                `json:"plan,omitempty"`
}

// Plan is the run on clusters on which every node computes the whole batch of the run file.
type Plan struct {
	Extrapolated bool              `json:"extrapolated"`       // the step with all lanes, from those with one and two
	Memory       int64             `json:"memory_bytes"`       // of a node, all lanes in one pass
	LeastMemory  int64             `json:"least_memory_bytes"` // with a pass for each lane
	Passes       int               `json:"least_memory_passes"`
	Float32      []predict.Planned `json:"float32"` // on the wire
	BFloat16     []predict.Planned `json:"bf16"`
}

// Here is a step of one worker with all lanes on this machine.
type Here struct {
	Threads int     `json:"threads"`
	Step    float64 `json:"step_seconds"`
	Compute float64 `json:"compute_seconds"` // of it, until all gradients are there
	First   float64 `json:"first_bucket_seconds"`
	Rate    float64 `json:"targets_per_second"`
	GFLOPS  float64 `json:"gflops"`
	Ceiling float64 `json:"ceiling_gflops"` // of so many threads
	Share   float64 `json:"share"`
}

// Cluster is what was described, and what of the network was measured here.
type Cluster struct {
	Nodes   int     `json:"nodes"`
	Cores   float64 `json:"cores"`
	Network float64 `json:"network_gbit"`                // of a node each way
	Latency float64 `json:"latency_micros"`              // of a hop
	CPU     float64 `json:"cpu_nanos_a_byte"`            // one core's time for a byte sent and one received
	Frame   float64 `json:"cpu_nanos_a_frame,omitempty"` // the same for a frame, beside its bytes
	Wake    float64 `json:"cpu_nanos_a_wake,omitempty"`  // what a frame costs beyond that where it comes by itself
	Price   float64 `json:"price_per_hour,omitempty"`
}
