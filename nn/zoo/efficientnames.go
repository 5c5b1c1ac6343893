package zoo

import (
	"cmp"
	"fmt"
	"strings"
)

// efficientNet takes timm's names of weights, too.
type efficientNet struct {
	Backbone
	table *efficientTable
}

// WeightName is torchvision's name for that of timm: "features.2.0.block.1.0.weight" for "blocks.1.0.conv_dw.weight".
func (m *efficientNet) WeightName(name string) string {
	var at, block int
	var rest string
	if n, _ := fmt.Sscanf(name, "blocks.%d.%d.%s", &at, &block, &rest); n == 3 && at >= 0 && at < len(m.table.stages) {
		if own := renamed(rest, m.table.stages[at].timmNames()); own != "" {
			return fmt.Sprintf("features.%d.%d.block.%s", at+1, block, own)
		}
	}
	head := fmt.Sprintf("features.%d.", len(m.table.stages)+1)
	own := renamed(name, []string{"conv_stem.", "features.0.0.", "bn1.", "features.0.1.", "conv_head.", head + "0.", "bn2.", head + "1.",
		"classifier.w", "classifier.1.w", "classifier.b", "classifier.1.b"})
	return cmp.Or(own, name)
}

// renamed gives a name the beginning that stands behind its own in a list of such pairs; empty: it has none of these.
func renamed(name string, pairs []string) string {
	for i := 0; i < len(pairs); i += 2 {
		if rest, ok := strings.CutPrefix(name, pairs[i]); ok {
			return pairs[i+1] + rest
		}
	}
	return ""
}

// timmNames are timm's names in a block, each with torchvision's behind it.
func (s mbStage) timmNames() []string {
	switch {
	case s.fused && s.widen == 1:
		return []string{"conv.", "0.0.", "bn1.", "0.1."}
	case s.fused:
		return []string{"conv_exp.", "0.0.", "bn1.", "0.1.", "conv_pwl.", "1.0.", "bn2.", "1.1."}
	case s.widen == 1:
		return []string{"conv_dw.", "0.0.", "bn1.", "0.1.", "se.conv_reduce.", "1.fc1.", "se.conv_expand.", "1.fc2.", "conv_pw.", "2.0.", "bn2.", "2.1."}
	}
	return []string{"conv_pw.", "0.0.", "bn1.", "0.1.", "conv_dw.", "1.0.", "bn2.", "1.1.",
		"se.conv_reduce.", "2.fc1.", "se.conv_expand.", "2.fc2.", "conv_pwl.", "3.0.", "bn3.", "3.1."}
}
