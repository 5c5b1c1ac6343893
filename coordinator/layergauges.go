package coordinator

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/layers"
	"github.com/rondo-ml/rondo/nn/health"
)

// Series are few, however many layers there are: a network of hundreds would fill a database with what the page shows better.
var (
	gaugeLayers    = newGauge("layers", "Layers by the verdict on them after the newest measured step: good, watch, bad.", "level")
	gaugeRatioHigh = newGauge("layer_update_ratio_largest", "The largest ratio of a layer's update to its weights in the newest measured step; 0.001 is usual.")
	gaugeRatioLow  = newGauge("layer_update_ratio_smallest", "The smallest such ratio.")
	gaugeSpoiled   = newGauge("layer_not_finite_step", "Step in which a layer was the first to yield NaN or Inf.", "layer")
)

// collectLayers sends how the layers fare, where they were measured.
func collectLayers(l *layers.Past, out chan<- prometheus.Metric) {
	if h := l.All(); h.Step > 0 {
		sendLayers(h, out)
	}
	if step, name := l.FirstSpoiled(); name != "" {
		gaugeSpoiled.send(out, float64(step), name)
	}
}

func sendLayers(h api.LayersHealth, out chan<- prometheus.Metric) {
	count := map[string]int{}
	low, high := math.NaN(), math.NaN()
	for _, s := range h.Layers {
		count[s.Level]++
		low, high = layers.Known(math.Min, low, float64(s.Ratio)), layers.Known(math.Max, high, float64(s.Ratio))
	}
	for level := health.Good; level <= health.Bad; level++ {
		gaugeLayers.send(out, float64(count[level.String()]), level.String())
	}
	if !math.IsNaN(low) {
		gaugeRatioHigh.send(out, math.Pow(10, high))
		gaugeRatioLow.send(out, math.Pow(10, low))
	}
}
