package bench

// Report is what `rondo bench --json` prints. What was not asked for is left out. The names of its fields stay;
// docs/bench/README.md says what they mean.
type Report struct {
	Machine *Machine `json:"machine,omitempty"`
	Kernels []Kernel `json:"kernels,omitempty"`
	Ring    *Ring    `json:"ring,omitempty"`
}
