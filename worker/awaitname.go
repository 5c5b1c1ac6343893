package worker

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
)

// awaitNames are the small collectives, by their tags.
var awaitNames = map[uint32]string{
	tagLosses:      "the losses",
	tagBlame:       "the word of what is not finite",
	tagEvaluate:    "the evaluation's sums",
	tagStart:       "the start",
	tagEnd:         "the end",
	tagWatch:       "the comparison of weights",
	tagWatchEach:   "the comparison of each weight",
	tagMirror:      "the copy of states",
	tagMirrorStart: "the first copy of states",
	tagBegin:       "the beginning",
	tagWeigh:       "the targets' weights",
}

// awaitName is what people call a collective: "bucket 3", "the losses".
func awaitName(what string, tag uint32) string {
	switch {
	case awaitNames[tag] != "":
		return awaitNames[tag]
	case tag >= tagWeighHeld:
		return "the held-out targets' weights"
	case tag >= tagHandOver:
		return fmt.Sprintf("the states that worker %d hands over", tag-tagHandOver)
	case tag >= tagBring:
		return fmt.Sprintf("what the ring begins with, part %d", tag-tagBring)
	case tag >= tagMidst+nn.FirstExchange:
		return fmt.Sprintf("exchange %d of pipelines", tag-tagMidst-nn.FirstExchange)
	case tag >= tagMidst:
		return fmt.Sprintf("the statistics of batch norm %d", tag-tagMidst)
	}
	return fmt.Sprintf("%s %d", what, tag)
}
