package bench

// Model is a network of the zoo at inference, one sample at a time.
type Model struct {
	Kind         string  `json:"kind"`
	Input        []int   `json:"input"` // shape of its first part
	Parameters   int     `json:"parameters"`
	MultiplyAdds int     `json:"multiply_adds"`
	Top1         float64 `json:"top1,omitempty"` // percent on ImageNet, as published
	Seconds      float64 `json:"seconds"`        // of one sample on all cores
	Rate         float64 `json:"images_per_second"`
	GFLOPS       float64 `json:"gflops"`
}
